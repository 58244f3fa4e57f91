package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/secret"
	"roster/internal/server"
)

type createSuperuserCommand struct {
	Username string `help:"Username of the account." placeholder:"NAME"`
	Email    string `help:"The e-mail address." placeholder:"ADDRESS"`
	NoInput  bool   `name:"noinput" help:"Do not prompt: missing values are read from DJANGO_SUPERUSER_USERNAME, DJANGO_SUPERUSER_EMAIL and DJANGO_SUPERUSER_PASSWORD, or the same with ROSTER_ instead of DJANGO_."`
}

// Run creates a superuser, like Django's command of that name.
func (c *createSuperuserCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		create := c.askAll
		if c.NoInput {
			create = c.askNothing
		}
		change, pw, err := create(ctx, env, s.Accounts)
		if err != nil {
			return err
		}
		yes := true
		change.IsStaff, change.IsSuperuser = &yes, &yes
		if _, err := s.Accounts.Create(ctx, cliActor(), change, pw); err != nil {
			return explained(err)
		}
		if _, err = fmt.Fprintln(env.Out, "Superuser created successfully."); err == nil && pw.Text.IsEmpty() {
			_, err = fmt.Fprintf(env.Out, "It has no password and cannot log in; set one with: roster changepassword %s\n", *change.Username)
		}
		return err
	})
}

// askNothing reads everything from flags and the environment. As in Django, it
// skips the validators, and without a password the account has an unusable one.
func (c *createSuperuserCommand) askNothing(_ context.Context, env *environment, _ *auth.Accounts) (auth.AccountChange, auth.NewPassword, error) {
	username, email := c.Username, c.Email
	if username == "" {
		username = env.superuser("USERNAME")
	}
	if email == "" {
		email = env.superuser("EMAIL")
	}
	if username == "" {
		return auth.AccountChange{}, auth.NewPassword{}, errors.New("--noinput needs --username, or DJANGO_SUPERUSER_USERNAME in the environment")
	}
	pw := auth.NewPassword{Text: secret.New(env.superuser("PASSWORD")), Trusted: true}
	return auth.AccountChange{Username: &username, Email: &email}, pw, nil
}

// superuser returns an environment variable for the superuser.
func (e *environment) superuser(name string) string {
	for _, prefix := range []string{"ROSTER", "DJANGO"} {
		for _, entry := range e.environ {
			if value, ok := strings.CutPrefix(entry, prefix+"_SUPERUSER_"+name+"="); ok && value != "" {
				return value
			}
		}
	}
	return ""
}

// askAll prompts for values not set by flags.
func (c *createSuperuserCommand) askAll(ctx context.Context, env *environment, accounts *auth.Accounts) (change auth.AccountChange, pw auth.NewPassword, err error) {
	p := newPrompter(env)
	username, err := c.askUsername(ctx, p, env, accounts)
	if err != nil {
		return change, pw, err
	}
	email := c.Email
	if email == "" {
		if email, err = p.ask(ctx, "Email address: "); err != nil {
			return change, pw, err
		}
	}
	change = auth.AccountChange{Username: &username, Email: &email}
	pw, err = askPassword(ctx, p, env, accounts, change)
	return change, pw, err
}

// askUsername prompts until the name is free.
func (c *createSuperuserCommand) askUsername(ctx context.Context, p *prompter, env *environment, accounts *auth.Accounts) (string, error) {
	for username := c.Username; ; username = "" {
		if username == "" {
			var err error
			if username, err = p.ask(ctx, "Username: "); err != nil {
				return "", err
			}
		}
		_, err := accounts.FindNamed(ctx, cliActor(), username)
		switch {
		case username == "":
			fmt.Fprintln(env.Err, "Error: This field cannot be blank.")
		case fault.KindOf(err) == fault.NotFound:
			return username, nil
		case err != nil:
			return "", err
		default:
			fmt.Fprintln(env.Err, "Error: That username is already taken.")
		}
	}
}

// askPassword prompts until the password is acceptable.
func askPassword(ctx context.Context, p *prompter, env *environment, accounts *auth.Accounts, about auth.AccountChange) (auth.NewPassword, error) {
	for {
		text, same, err := p.askTwice(ctx)
		switch {
		case err != nil:
			return auth.NewPassword{}, err
		case !same:
			fmt.Fprintln(env.Err, "Error: Your passwords didn't match.")
			continue
		case strings.TrimSpace(text.Reveal()) == "":
			fmt.Fprintln(env.Err, "Error: Blank passwords aren't allowed.")
			continue
		}
		weaknesses := accounts.Weaknesses(text, about)
		if len(weaknesses) == 0 {
			return auth.NewPassword{Text: text}, nil
		}
		for _, w := range weaknesses {
			fmt.Fprintln(env.Err, w.Message)
		}
		answer, err := p.ask(ctx, "Bypass password validation and create user anyway? [y/N]: ")
		if err != nil {
			return auth.NewPassword{}, err
		}
		if strings.EqualFold(answer, "y") {
			return auth.NewPassword{Text: text, Trusted: true}, nil
		}
	}
}

// explained returns an error whose message lists every invalid field.
func explained(err error) error {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	var lines []string
	for _, field := range e.Fields {
		lines = append(lines, field.Name+": "+strings.Join(field.Messages, " "))
	}
	return errors.New(strings.Join(lines, "\n"))
}

// cliActor is the actor of commands, which run with access to the server.
func cliActor() access.Actor { return access.System("cli").From(access.Origin{Door: access.CLI}) }
