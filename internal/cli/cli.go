// Package cli is the command line: it parses flags and runs one command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"roster/internal/config"
	"roster/internal/fault"
	"roster/internal/server"
)

// Exit statuses of every command.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// Stdio are the standard streams.
type Stdio struct {
	In       io.Reader
	Out, Err io.Writer
}

// grammar is the table of commands. Each is a struct with flags and a method
// Run(context.Context, *environment) error.
type grammar struct {
	ShowVersion kong.VersionFlag `name:"version" help:"Print the version."`
	EnvFile     string           `help:"File with settings, as systemd's EnvironmentFile, instead of .env." placeholder:"FILE"`

	Serve           serveCommand           `cmd:"" help:"Serve the pages and the API."`
	Worker          workerCommand          `cmd:"" help:"Run only background tasks."`
	Beat            beatCommand            `cmd:"" help:"Run only schedules."`
	Task            taskCommand            `cmd:"" help:"Manage background tasks."`
	Migrate         migrateCommand         `cmd:"" help:"Migrate the database to this version's schema."`
	Check           checkCommand           `cmd:"" help:"Check the settings and the database."`
	Upgrade         upgradeCommand         `cmd:"" help:"Show what this version would change in the database."`
	Backup          backupCommand          `cmd:"" help:"Back up the whole database while servers run."`
	Restore         restoreCommand         `cmd:"" help:"Restore the database from a backup."`
	Vacuum          vacuumCommand          `cmd:"" help:"Return the unused space of the SQLite file to the file system while servers run."`
	Takeover        takeoverCommand        `cmd:"" help:"Check whether Roster can take over the database of a Django system."`
	Createsuperuser createSuperuserCommand `cmd:"" help:"Create a superuser."`
	Changepassword  changePasswordCommand  `cmd:"" help:"Change the password of a staff account."`
	Resettotp       resetTOTPCommand       `cmd:"" help:"Reset two-factor authentication of a staff account."`
	Token           tokenCommand           `cmd:"" help:"Create, list and revoke API tokens."`
	JWT             jwtCommand             `cmd:"" name:"jwt" help:"Rotate the keys of JSON Web Tokens."`
	Audit           auditCommand           `cmd:"" help:"Verify, export or reseal the audit trail."`
	Trash           trashCommand           `cmd:"" help:"List, restore and purge deleted users."`
	Subject         subjectCommand         `cmd:"" help:"Export what is kept about a user."`
	Collectstatic   collectStaticCommand   `cmd:"" help:"Write the static files for a web server."`
	Healthcheck     healthcheckCommand     `cmd:"" help:"Check whether a running server is ready."`
	Sendtestemail   sendTestEmailCommand   `cmd:"" help:"Send a test message."`
	Completion      completionCommand      `cmd:"" help:"Print a shell completion script."`
	Man             manCommand             `cmd:"" help:"Print the manual page."`
	Version         versionCommand         `cmd:"" help:"Print the version."`
}

// environment is passed to every command.
type environment struct {
	Stdio
	environ []string
	envFile string            // of --env-file; "": .env of the working directory
	flags   []config.Flag     // override settings
	model   *kong.Application // of all commands
}

// settings loads the settings from the environment, the file of --env-file or
// else .env of the working directory, and flags.
func (e *environment) settings() (config.Config, error) {
	if e.envFile != "" {
		return config.LoadEnvFile(e.environ, e.envFile, e.flags...)
	}
	return config.Load(e.environ, ".env", e.flags...)
}

// validSettings loads the settings and rejects invalid ones.
func (e *environment) validSettings() (config.Config, error) {
	conf, err := e.settings()
	if err != nil {
		return conf, err
	}
	return conf, conf.Validate("")
}

// process describes this process to its services.
func (e *environment) process(conf config.Config) server.Process {
	return server.Process{Config: conf, Version: buildVersion(), Console: e.Out}
}

// withServices runs fn with the services on the configured database. It refuses
// a database that lacks migrations, and creates no file.
func (e *environment) withServices(ctx context.Context, fn func(*server.Services) error) error {
	conf, err := e.validSettings()
	if err != nil {
		return err
	}
	services, err := server.Open(ctx, e.process(conf))
	if err != nil {
		return err
	}
	return errors.Join(fn(services), services.Close())
}

// Main runs the command named by args and returns its exit status: 0 success, 1
// failure, 2 usage error. Errors are sentences on stdio.Err. When ctx is done,
// it stops in order.
func Main(ctx context.Context, args, environ []string, stdio Stdio) int {
	server.LimitMemory()
	env := &environment{Stdio: stdio, environ: environ}
	exited := -1
	commands := &grammar{}
	parser, err := kong.New(commands,
		kong.Name("roster"),
		kong.Description("User management: REST API, pages and background work in one program."),
		kong.UsageOnError(),
		kong.Writers(stdio.Out, stdio.Err),
		kong.Exit(func(status int) { exited = status }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Vars{"version": versionLine()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return env.fail(err)
	}
	env.model = parser.Model
	if len(args) == 0 || args[0] == "help" {
		args = append(args[min(1, len(args)):], "--help")
	}
	command, err := parser.Parse(args)
	if err == nil {
		err = refuseEmpty(command)
	}
	switch {
	case exited >= 0: // --help
		return exited
	case err != nil:
		fmt.Fprintln(stdio.Err, "roster: "+wrongUsage(err))
		return exitUsage
	}
	env.envFile = commands.EnvFile
	if err := command.Run(env); err != nil {
		return env.fail(err)
	}
	return exitDone
}

// errReported is the failure of a command that has already reported it.
var errReported = errors.New("already reported")

// judged returns the error of a command whose report ends with a verdict. If
// the report is on a terminal, the verdict is not repeated as an error.
func (e *environment) judged(verdict string, asJSON bool) error {
	if !asJSON && isTerminal(e.Out) && isTerminal(e.Err) {
		return errReported
	}
	return errors.New(verdict)
}

// fail reports an error and returns the exit status. A message with several
// lines has one error per line.
func (e *environment) fail(err error) int {
	if errors.Is(err, errReported) {
		return exitFailed
	}
	err = explained(err)
	message := err.Error()
	if shown, ok := errors.AsType[*fault.Error](err); ok && shown.Cause == nil {
		message = shown.Message
	}
	for line := range strings.SplitSeq(message, "\n") {
		fmt.Fprintln(e.Err, "roster: "+line)
	}
	return exitFailed
}
