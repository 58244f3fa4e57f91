package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// otherCommands maps commands of Django and other programs to a suggestion.
var otherCommands = map[string]string{
	"runserver":        "use roster serve",
	"start":            "use roster serve",
	"run":              "use roster serve",
	"server":           "use roster serve",
	"up":               "use roster serve",
	"celery":           "use roster worker or roster beat",
	"syncdb":           "use roster migrate",
	"makemigrations":   "Roster contains its migrations; use roster migrate",
	"showmigrations":   "use roster migrate --plan",
	"init":             "there is nothing to set up; roster serve creates an SQLite database",
	"setup":            "there is nothing to set up; roster serve creates an SQLite database",
	"createuser":       "use roster createsuperuser for a staff account, or POST /api/users/ for a user",
	"adduser":          "use roster createsuperuser for a staff account, or POST /api/users/ for a user",
	"useradd":          "use roster createsuperuser for a staff account, or POST /api/users/ for a user",
	"createadmin":      "use roster createsuperuser",
	"superuser":        "use roster createsuperuser",
	"passwd":           "use roster changepassword",
	"resetpassword":    "use roster changepassword",
	"shell":            "Roster has no shell; use the REST API",
	"dbshell":          "use the program sqlite3 or mysql",
	"dumpdata":         "use roster backup",
	"loaddata":         "use roster restore",
	"dump":             "use roster backup",
	"clearsessions":    "roster serve and roster worker delete expired sessions",
	"diffsettings":     "use roster check",
	"config":           "use roster check",
	"settings":         "use roster check",
	"doctor":           "use roster check",
	"test":             "use roster check, or make test for the tests",
	"status":           "use roster healthcheck for the server, roster task status for workers",
	"health":           "use roster healthcheck",
	"ping":             "use roster healthcheck",
	"stop":             "send SIGTERM to the process of roster serve",
	"reload":           "send SIGHUP to the process of roster serve",
	"tasks":            "use roster task list",
	"tokens":           "use roster token list",
	"users":            "use the page /users/ or GET /api/users/",
	"jobs":             "use roster task list",
	"drf_create_token": "use roster token create",
}

// otherFlags maps flags of Django and other programs to a suggestion, by command.
var otherFlags = map[string]map[string]string{
	"serve": {
		"--port": "use --bind HOST:PORT", "-p": "use --bind HOST:PORT", "--host": "use --bind HOST:PORT",
		"--addr": "use --bind HOST:PORT", "--listen": "use --bind HOST:PORT", "-b": "use --bind HOST:PORT",
		"--noreload": "serve does not reload itself; leave it out", "--insecure": "serve always has static files; leave it out",
		"--workers": "one process uses all cores; leave it out", "-w": "one process uses all cores; leave it out",
		"--no-migrate": "set AUTO_MIGRATE=false", "--debug": "set DEBUG=true",
	},
	"migrate":         {"--fake": "roster migrate adopts existing tables; leave it out", "--fake-initial": "roster migrate adopts existing tables; leave it out", "--noinput": "roster migrate asks nothing; leave it out", "--no-input": "roster migrate asks nothing; leave it out"},
	"createsuperuser": {"--password": "set DJANGO_SUPERUSER_PASSWORD, with --noinput", "--no-input": "use --noinput"},
	"worker":          {"-c": "use --concurrency", "-Q": "use --queues", "--loglevel": "set LOG_LEVEL", "-l": "set LOG_LEVEL"},
	"beat":            {"--loglevel": "set LOG_LEVEL", "-l": "set LOG_LEVEL"},
	"check":           {"--tag": "roster check runs every check; leave it out"},
}

// address matches an address in the place of an argument, as Django's runserver
// takes one.
var address = regexp.MustCompile(`^(?:[\w.:\[\]-]*:)?\d+$`)

// wrong matches the parts of a usage error: its kind, the word in question and the
// parser's own suggestion.
var wrong = regexp.MustCompile(`^(unknown command|unknown flag|unexpected argument) (\S+)(?: \(did you mean .*\))?$`)

// suggested adds to a usage error what the user probably meant, if the parser did
// not recognize it. The node is the command, nil for none.
func suggested(message string, node *kong.Node) string {
	parts := wrong.FindStringSubmatch(message)
	if parts == nil {
		return message
	}
	if hint := suggestion(parts[1], parts[2], node); hint != "" {
		return fmt.Sprintf("%s %s: %s", parts[1], parts[2], hint)
	}
	return message
}

func suggestion(kind, word string, node *kong.Node) string {
	inProgram := node == nil || node.Type == kong.ApplicationNode
	switch {
	case kind == "unknown command" && inProgram:
		return otherCommands[strings.ToLower(word)]
	case kind == "unknown flag" && inProgram:
		return misplaced(node, word)
	case kind == "unknown flag":
		return otherFlags[node.Path()][word]
	case kind == "unexpected argument" && node != nil && node.Path() == "serve" && address.MatchString(word):
		return "use --bind HOST:PORT"
	}
	return ""
}

// misplaced returns a suggestion for a flag of commands that was written before the
// command, "" if no command has it.
func misplaced(program *kong.Node, flag string) string {
	if program == nil {
		return ""
	}
	var owners []string
	for _, command := range program.Leaves(true) {
		if slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool { return "--"+f.Name == flag }) {
			owners = append(owners, "roster "+command.Path())
		}
	}
	if len(owners) == 0 {
		return ""
	}
	return "write it after its command, " + strings.Join(owners, " or ")
}
