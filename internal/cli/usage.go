package cli

import (
	"errors"
	"reflect"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// phrasings convert parser messages to sentences. The first match is used.
var phrasings = []struct {
	said     *regexp.Regexp
	sentence string
}{
	{regexp.MustCompile(`^(\S+): expected \w+ value but got "(-\d[^"]*)".*`), `$1: write $1=$2`},
	{regexp.MustCompile(`^(\S+): (?:expected \w+ value but got|missing value)\b.*`), `$1 needs a value`},
	{regexp.MustCompile(`^(\S+): expected a valid \d+ bit int but got ("[+-]?\d+")$`), `$1: $2 is too large`},
	{regexp.MustCompile(`^(\S+): expected a valid \d+ bit int but got (".*")$`), `$1: $2 is not a whole number`},
	{regexp.MustCompile(`^(\S+): bool value must be .* but got (".*")$`), `$1: $2 is not a boolean; use true or false`},
	{regexp.MustCompile(`^(\S+) must be one of (\S+) but got (".*")$`), `$1: $3 is not known; use $2`},
	{regexp.MustCompile(`^expected "(<[^"]*)"$`), `$1 is missing`},
	{regexp.MustCompile(`^expected one of (.*)$`), `a command is missing: $1`},
	{regexp.MustCompile(`^unexpected argument (?:, did you mean .*)?$`), `an argument is empty`},
	{regexp.MustCompile(`^unknown flag (-[vV])\b.*`), `unknown flag $1 (did you mean "--version"?)`},
	{regexp.MustCompile(`^(unknown flag -[^-]), did you mean "-h"\?$`), `$1`},
	{regexp.MustCompile(`^(.*), did you mean (.*)$`), `$1 (did you mean $2)`},
}

// choices is a list of alternatives, as formatted by the parser.
var choices = regexp.MustCompile(`"\w+"(?:, ?"\w+")+(?:, \.\.\.)?`)

// oneOf formats such a list as prose.
func oneOf(list string) string {
	items := strings.Split(strings.NewReplacer(`"`, "", " ", "").Replace(list), ",")
	last := len(items) - 1
	if items[last] == "..." {
		return strings.Join(items, ", ")
	}
	return strings.Join(items[:last], ", ") + " or " + items[last]
}

// phrased converts a parser message to a sentence.
func phrased(message string) string {
	for _, p := range phrasings {
		if p.said.MatchString(message) {
			return choices.ReplaceAllStringFunc(p.said.ReplaceAllString(message, p.sentence), oneOf)
		}
	}
	return message
}

// wrongUsage describes a usage error on one line, with a reference to the help.
func wrongUsage(err error) string {
	message, help, wantsCommand := phrased(err.Error()), "roster --help", true
	var node *kong.Node
	if parse, ok := errors.AsType[*kong.ParseError](err); ok {
		if node = parse.Context.Selected(); node == nil {
			node = parse.Context.Model.Node
		}
	} else if empty, ok := errors.AsType[*emptyError](err); ok {
		node = empty.command
	}
	if node != nil {
		help, wantsCommand = strings.TrimSpace("roster "+node.Path())+" --help", !node.Leaf()
	}
	if name, ok := strings.CutPrefix(message, "unexpected argument "); ok && wantsCommand {
		message = "unknown command " + name
	}
	return suggested(message, node) + "; see " + help
}

// emptyError is an empty value that must not be empty.
type emptyError struct {
	value   string // its name
	command *kong.Node
}

// Error implements error.
func (e *emptyError) Error() string { return e.value + " is empty" }

// refuseEmpty rejects an empty value that must not be empty, or that replaces a
// default: usually an unset shell variable.
func refuseEmpty(command *kong.Context) error {
	for _, step := range command.Path {
		value := step.Positional
		if step.Flag != nil {
			value = step.Flag.Value
		}
		if value == nil || value.Target.Kind() != reflect.String || value.Target.String() != "" {
			continue
		}
		if value.Required || value.HasDefault {
			return &emptyError{strings.Trim(value.ShortSummary(), "[]"), command.Selected()}
		}
	}
	return nil
}
