package reference

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Completion writes a completion script for bash, zsh or fish, or returns an
// error for other shells.
func Completion(w io.Writer, shell string, app *kong.Application) error {
	var text string
	switch all := commands(app); shell {
	case "bash":
		text = bash(all)
	case "zsh":
		text = "#compdef roster\nautoload -U +X bashcompinit && bashcompinit\n" + bash(all)
	case "fish":
		text = fish(all)
	default:
		return fmt.Errorf("the shell %q is not known; use bash, zsh or fish", shell)
	}
	_, err := io.WriteString(w, text)
	return err
}

// bash returns a function that finds the command among the typed words, and
// offers its entry in the table. zsh uses it too.
func bash(all []command) string {
	var table strings.Builder
	for _, c := range all {
		words := c.words()
		for _, flag := range c.flags {
			words = append(words, "--"+flag.Name)
		}
		files := "-"
		if c.takesFile() {
			files = "files"
		}
		fmt.Fprintf(&table, "\t\t'%s') words='%s' files=%s ;;\n", c.path, strings.Join(words, " "), files)
	}
	return bashBegin + lookup(all) + bashMiddle + table.String() + bashEnd
}

// lookup returns the arms of a case statement that map words to commands.
func lookup(all []command) string {
	var paths []string
	for _, c := range all[1:] {
		paths = append(paths, "'"+c.path+"'")
	}
	return "\t\t" + strings.Join(paths, " | ") + ")\n"
}

const bashBegin = `# Completion of roster; load it with: source <(roster completion bash)
_roster() {
	local current=${COMP_WORDS[COMP_CWORD]} path='' words='' files=- word candidate i
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		candidate="${path:+$path }$word"
		case $candidate in
`

const bashMiddle = `			path=$candidate
			;;
		esac
	done
	case $path in
`

const bashEnd = `	esac
	COMPREPLY=($(compgen -W "$words --help" -- "$current"))
	if [[ $files == files && $current != -* ]]; then
		COMPREPLY+=($(compgen -f -- "$current"))
	fi
}
complete -o filenames -F _roster roster
`

// fish returns a line for each word, conditional on its command having been
// typed without a subcommand.
func fish(all []command) string {
	var lines strings.Builder
	lines.WriteString("# Completion of roster; load it with: roster completion fish | source\ncomplete -c roster -f\n")
	for _, c := range all {
		condition := fishCondition(c)
		for _, name := range c.below {
			child := all[slices.IndexFunc(all, func(o command) bool { return o.path == strings.TrimSpace(c.path+" "+name) })]
			fmt.Fprintf(&lines, "complete -c roster -n %s -a %s -d %s\n", condition, name, fishQuote(child.help))
		}
		if len(c.args) > 0 && c.args[0].Enum != "" {
			fmt.Fprintf(&lines, "complete -c roster -n %s -a %s\n", condition, fishQuote(strings.Join(c.args[0].EnumSlice(), " ")))
		}
		if c.takesFile() {
			fmt.Fprintf(&lines, "complete -c roster -n %s -F\n", condition)
		}
		for _, flag := range c.flags {
			fmt.Fprintf(&lines, "complete -c roster -n %s -l %s%s -d %s\n", condition, flag.Name, fishValue(flag), fishQuote(flag.Help))
		}
	}
	return lines.String()
}

func fishValue(flag *kong.Flag) string {
	if flag.IsBool() {
		return ""
	}
	return " -r"
}

func fishCondition(c command) string {
	if c.path == "" {
		return "__fish_use_subcommand"
	}
	var tests []string
	for word := range strings.FieldsSeq(c.path) {
		tests = append(tests, "__fish_seen_subcommand_from "+word)
	}
	if len(c.below) > 0 {
		tests = append(tests, "not __fish_seen_subcommand_from "+strings.Join(c.below, " "))
	}
	return fishQuote(strings.Join(tests, "; and "))
}

func fishQuote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}
