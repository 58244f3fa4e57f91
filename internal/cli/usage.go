package cli

import (
	"errors"
	"reflect"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// phrasings turn what the parser says into sentences. The first that matches is
// taken.
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

// choices are a list of what may be typed, as the parser writes it.
var choices = regexp.MustCompile(`"\w+"(?:, ?"\w+")+(?:, \.\.\.)?`)

// oneOf writes such a list as people do.
func oneOf(list string) string {
	items := strings.Split(strings.NewReplacer(`"`, "", " ", "").Replace(list), ",")
	last := len(items) - 1
	if items[last] == "..." {
		return strings.Join(items, ", ")
	}
	return strings.Join(items[:last], ", ") + " or " + items[last]
}

// phrased returns what the parser says as a sentence.
func phrased(message string) string {
	for _, p := range phrasings {
		if p.said.MatchString(message) {
			return choices.ReplaceAllStringFunc(p.said.ReplaceAllString(message, p.sentence), oneOf)
		}
	}
	return message
}

// wrongUsage says on one line what is wrong with the arguments, and which help
// to read.
func wrongUsage(err error) string {
	message, help, wantsCommand := phrased(err.Error()), "roster --help", true
	var node *kong.Node
	if parse, ok := errors.AsType[*kong.ParseError](err); ok {
		node = parse.Context.Selected()
	} else if empty, ok := errors.AsType[*emptyError](err); ok {
		node = empty.command
	}
	if node != nil {
		help, wantsCommand = "roster "+node.Path()+" --help", !node.Leaf()
	}
	if name, ok := strings.CutPrefix(message, "unexpected argument "); ok && wantsCommand {
		message = "unknown command " + name
	}
	return message + "; see " + help
}

// emptyError is an empty text where one is needed.
type emptyError struct {
	value   string // its name
	command *kong.Node
}

// Error implements error.
func (e *emptyError) Error() string { return e.value + " is empty" }

// refuseEmpty refuses an empty text where one is needed, or is given in the place
// of a default: mostly a variable of the shell was not set.
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
