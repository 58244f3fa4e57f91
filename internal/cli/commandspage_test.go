package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"roster/internal/cli"
)

const commandsHead = "# Commands\n\n" +
	"`roster COMMAND [flags]`. From a clone of the repository, `go run . COMMAND` does the same. Every command takes its [settings](settings.md) from\n" +
	"the environment and `.env`, or from the file of `--env-file FILE`; prints errors as one clear line on standard error; and exits with 0 (done),\n" +
	"1 (failed), or 2 (wrong usage). `roster COMMAND --help` shows what this page does, `roster man` prints the manual page, and\n" +
	"`roster completion bash` a script that completes commands and flags.\n\n" +
	"`go test ./internal/cli -run TestCommandsPage -update` generates this page from the code.\n"

// TestCommandsPage keeps docs/commands.md in step with the commands and their flags.
func TestCommandsPage(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(commandsHead)
	for _, command := range cli.Model(t).Leaves(true) {
		writeCommand(&b, command)
	}
	const page = "../../docs/commands.md"
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(page); err != nil || string(got) != b.String() {
		t.Errorf("%s is not as the commands are (%v); run go test ./internal/cli -run TestCommandsPage -update", page, err)
	}
}

func writeCommand(b *strings.Builder, command *kong.Node) {
	words := []string{"roster", command.Path()}
	for _, argument := range command.Positional {
		word := strings.ToUpper(argument.Name)
		if !argument.Required {
			word = "[" + word + "]"
		}
		words = append(words, word)
	}
	fmt.Fprintf(b, "\n## %s\n\n`%s`\n\n%s\n", command.Path(), strings.Join(words, " "), command.Help)
	if len(command.Flags)+len(command.Positional) > 0 {
		b.WriteString("\n")
	}
	for _, argument := range command.Positional {
		fmt.Fprintf(b, "- `%s`: %s\n", strings.ToUpper(argument.Name), argument.Help)
	}
	for _, flag := range command.Flags {
		if flag.Hidden {
			continue
		}
		value := ""
		if !flag.IsBool() {
			value = "=" + flag.FormatPlaceHolder()
		}
		fmt.Fprintf(b, "- `--%s%s`: %s\n", flag.Name, value, flag.Help)
	}
}

var (
	fence   = regexp.MustCompile("(?s)```(?:sh)?\n(.*?)```")
	span    = regexp.MustCompile("`([^`\n]+)`")
	typed   = regexp.MustCompile(`(?m)(?:^|[|&;(] *|sudo -u \S+ |\$\()(?:[A-Z_]+=\S+ +)*roster +((?:[^|&;)\n]|\n    )*)`)
	written = regexp.MustCompile(`^--[a-z][a-z-]*`)
)

// TestDocs_Commands shows that the commands and flags in the documents exist.
func TestDocs_Commands(t *testing.T) {
	t.Parallel()
	documents := []string{"../../README.md", "../../CONTRIBUTING.md", "../../.env.example"}
	for _, pattern := range []string{"../../docs/*.md", "../../docs/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("got %d documents, %v", len(found), err)
		}
		documents = append(documents, found...)
	}
	checked := 0
	for _, name := range documents {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range commandsIn(string(text)) {
			checked++
			if problem := problemWith(cli.Model(t), strings.Fields(line)); problem != "" {
				t.Errorf("%s: roster %s: %s", name, line, problem)
			}
		}
	}
	if checked < 100 {
		t.Errorf("found %d commands, want those of all documents", checked)
	}
}

// commandsIn returns what follows "roster" in the code of a document.
func commandsIn(text string) (all []string) {
	var code []string
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		code = append(code, block[1])
	}
	for _, inline := range span.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		code = append(code, inline[1])
	}
	for _, c := range code {
		for _, command := range typed.FindAllStringSubmatch(c, -1) {
			all = append(all, command[1])
		}
	}
	return all
}

// problemWith returns what is wrong with the words of a command, "" if nothing.
func problemWith(app *kong.Application, words []string) string {
	node, isValue := app.Node, false
	for _, word := range words {
		if strings.HasPrefix(word, "#") {
			return ""
		}
		if isValue {
			isValue = false
			continue
		}
		if name := written.FindString(word); name != "" {
			flag := flagOf(node, name[2:])
			if flag == nil {
				return "no flag " + name
			}
			isValue = name == word && !flag.IsBool()
			continue
		}
		if next := child(node, word); next != nil {
			node = next
		} else if node == app.Node && regexp.MustCompile(`^[a-z]+$`).MatchString(word) {
			return "no command " + word
		}
	}
	return ""
}

func child(node *kong.Node, name string) *kong.Node {
	for _, c := range node.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// flagOf returns a flag of a command or of one above it, nil if there is none.
func flagOf(node *kong.Node, name string) *kong.Flag {
	for n := node; n != nil; n = n.Parent {
		if i := slices.IndexFunc(n.Flags, func(f *kong.Flag) bool { return f.Name == name }); i >= 0 {
			return n.Flags[i]
		}
	}
	return nil
}

// TestProblemWith shows that the test of the documents finds mistakes.
func TestProblemWith(t *testing.T) {
	t.Parallel()
	app := cli.Model(t)
	for line, want := range map[string]string{
		"serve --bind 127.0.0.1:0": "", "--env-file x check --deploy": "", "token create ann --name x": "", "COMMAND --help": "",
		"frobnicate": "no command frobnicate", "serve --port 80": "no flag --port", "token create ann --deploy": "no flag --deploy",
	} {
		if got := problemWith(app, strings.Fields(line)); got != want {
			t.Errorf("roster %s: got %q, want %q", line, got, want)
		}
	}
	if got := commandsIn("Run `roster check --all`.\n\n```sh\nX=1 roster serve # now\nroster backup - | ssh a 'cat' && roster migrate\n```\n"); len(got) != 4 {
		t.Errorf("got %q, want 4 commands", got)
	}
}
