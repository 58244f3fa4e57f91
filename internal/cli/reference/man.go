package reference

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Setting is a setting in the manual.
type Setting struct {
	Name    string
	Default string // "" for none
}

// manDate is the date of the last change of this package's own text.
const manDate = "2026-11-27"

// Man writes the manual page roster(1) with the macros of man(7).
func Man(w io.Writer, app *kong.Application, version string, settings []Setting) error {
	var page strings.Builder
	fmt.Fprintf(&page, ".TH ROSTER 1 %s \"Roster %s\" \"User Commands\"\n", manDate, roff(version))
	fmt.Fprintf(&page, ".SH NAME\nroster \\- user management: REST API, pages and background work\n")
	fmt.Fprintf(&page, ".SH SYNOPSIS\n.B roster\n.I command\n.RI [ flags ]\n.SH DESCRIPTION\n%s\n", roff(app.Help))
	page.WriteString(".SH COMMANDS\n")
	for _, c := range commands(app)[1:] {
		if len(c.below) == 0 {
			describe(&page, c)
		}
	}
	page.WriteString(manEnvironment)
	for _, s := range settings {
		fmt.Fprintf(&page, ".TP\n.B %s\n%s\n", roff(s.Name), defaultOf(s))
	}
	page.WriteString(manEnd)
	_, err := io.WriteString(w, page.String())
	return err
}

func describe(page *strings.Builder, c command) {
	fmt.Fprintf(page, ".SS %s\n%s\n", roff(strings.TrimSpace("roster "+c.path+" "+arguments(c.args))), said(c.help))
	for _, argument := range c.args {
		fmt.Fprintf(page, ".TP\n.I %s\n%s\n", roff(nameOf(argument)), said(argument.Help))
	}
	for _, flag := range c.flags {
		value := ""
		if !flag.IsBool() {
			value = "=" + placeholder(flag)
		}
		fmt.Fprintf(page, ".TP\n.B %s\n%s\n", roff("--"+flag.Name+value), roff(flag.Help))
	}
}

// placeholder returns the placeholder for a flag's value.
func placeholder(flag *kong.Flag) string {
	if flag.PlaceHolder != "" {
		return flag.PlaceHolder
	}
	return strings.ToUpper(flag.Name)
}

// arguments formats the arguments of a command.
func arguments(args []*kong.Positional) string {
	var words []string
	for _, argument := range args {
		word := nameOf(argument)
		if !argument.Required {
			word = "[" + word + "]"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func nameOf(argument *kong.Positional) string { return strings.ToUpper(argument.Name) }

func defaultOf(s Setting) string {
	if s.Default == "" {
		return "Not set."
	}
	return "Default: " + roff(s.Default) + "."
}

const manEnvironment = `.SH ENVIRONMENT
Settings come from the environment and from the file
.I .env
in the working directory, or the file of
.BR --env-file ,
which is read like systemd's EnvironmentFile; the environment wins.
For a secret,
.IR NAME _FILE
may name a file that holds it.
.B roster check
shows what is in force.
`

const manEnd = `.SH EXIT STATUS
0: done.
1: failed, with the reason on standard error.
2: wrong usage.
.SH FILES
.TP
.I /etc/roster/roster.env
The settings, where the package is installed.
.TP
.I /var/lib/roster
What the package's services store.
`

// said formats help as a line, which must not be empty.
func said(help string) string {
	if help == "" {
		return "."
	}
	return roff(help)
}

// roff escapes text for any position in a line.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n", " ").Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		return `\&` + text
	}
	return text
}
