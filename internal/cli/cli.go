// Package cli is the command line: it reads the settings, joins the packages,
// and runs one command.
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
	ShowVersion kong.VersionFlag `name:"version" help:"Say which version this is."`

	Serve           serveCommand           `cmd:"" help:"Serve the pages and the API."`
	Worker          workerCommand          `cmd:"" help:"Run background tasks, and nothing else."`
	Beat            beatCommand            `cmd:"" help:"Start tasks by their schedules, and nothing else."`
	Task            taskCommand            `cmd:"" help:"List background tasks, or run one."`
	Migrate         migrateCommand         `cmd:"" help:"Bring the database to this version's schema."`
	Check           checkCommand           `cmd:"" help:"Check the settings and the database."`
	Upgrade         upgradeCommand         `cmd:"" help:"Say what this version would change about the database."`
	Backup          backupCommand          `cmd:"" help:"Write the whole database to a file, while servers run."`
	Restore         restoreCommand         `cmd:"" help:"Make the database what a backup has."`
	Takeover        takeoverCommand        `cmd:"" help:"Check whether the database of a Django system can be taken over."`
	Createsuperuser createSuperuserCommand `cmd:"" help:"Make a staff account that may do everything."`
	Changepassword  changePasswordCommand  `cmd:"" help:"Give a staff account another password."`
	Resettotp       resetTOTPCommand       `cmd:"" help:"Take the second factor from a staff account that has lost it."`
	Audit           auditCommand           `cmd:"" help:"Verify or export the audit trail."`
	Collectstatic   collectStaticCommand   `cmd:"" help:"Write the static files for a web server."`
	Healthcheck     healthcheckCommand     `cmd:"" help:"Ask a running server whether it is ready."`
	Sendtestemail   sendTestEmailCommand   `cmd:"" help:"Send a message, to see whether mail works."`
	Completion      completionCommand      `cmd:"" help:"Print what makes a shell complete commands and flags."`
	Man             manCommand             `cmd:"" help:"Print the manual page."`
	Version         versionCommand         `cmd:"" help:"Say which version this is."`
}

// environment is what every command is given.
type environment struct {
	Stdio
	environ []string
	flags   []config.Flag     // which win over settings
	model   *kong.Application // of all commands
}

// settings reads the environment and the file .env of the working directory, and
// what flags say in their place.
func (e *environment) settings() (config.Config, error) {
	return config.Load(e.environ, ".env", e.flags...)
}

// validSettings is settings, refusing those that are not valid.
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

// withServices runs fn with the services on the database of the settings. It
// refuses a database that lacks migrations, and creates no file.
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

// Main runs the command that args name and returns its exit status: 0 done,
// 1 failed, 2 wrong usage. Errors are told in plain sentences on stdio.Err.
// It returns early, in order, when ctx is done.
func Main(ctx context.Context, args, environ []string, stdio Stdio) int {
	env := &environment{Stdio: stdio, environ: environ}
	exited := -1
	parser, err := kong.New(&grammar{},
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
	case exited >= 0: // --help was answered
		return exited
	case err != nil:
		fmt.Fprintln(stdio.Err, "roster: "+wrongUsage(err))
		return exitUsage
	}
	if err := command.Run(env); err != nil {
		return env.fail(err)
	}
	return exitDone
}

// errTold is the failure of a command that has said why.
var errTold = errors.New("told")

// judged is the failure of a command whose report ends with a verdict. Whoever
// sees the report on a terminal is not told the verdict again as an error.
func (e *environment) judged(verdict string, asJSON bool) error {
	if !asJSON && isTerminal(e.Out) && isTerminal(e.Err) {
		return errTold
	}
	return errors.New(verdict)
}

// fail tells what went wrong and returns the exit status. A message that has
// several lines names one fault a line.
func (e *environment) fail(err error) int {
	if errors.Is(err, errTold) {
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
