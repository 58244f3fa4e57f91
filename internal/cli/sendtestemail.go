package cli

import (
	"context"
	"errors"
	"fmt"

	"roster/internal/mail"
	"roster/internal/server"
)

type sendTestEmailCommand struct {
	Address string `arg:"" help:"Recipient of the message."`
}

// Run sends a test message with the current settings, and reports the result on
// one line.
func (c *sendTestEmailCommand) Run(ctx context.Context, env *environment) (err error) {
	conf, err := env.validSettings()
	if err != nil {
		return err
	}
	templates, err := server.MailTemplates(conf)
	if err != nil {
		return err
	}
	out := server.NewMailer(conf, env.Out)
	defer func() { err = errors.Join(err, out.Close()) }()
	message, err := templates.Render(mail.Test{Through: out.String(), Version: buildVersion()})
	if err != nil {
		return err
	}
	message.To = c.Address
	if err := out.Send(ctx, message); err != nil {
		return fmt.Errorf("not sent to %q through %s: %s", c.Address, out, explain(err))
	}
	_, err = fmt.Fprintf(env.Out, "sent to %s through %s\n", c.Address, out)
	return err
}

// explain returns why a message was not sent, and which settings are relevant.
func explain(err error) string {
	failure, ok := errors.AsType[*mail.SendError](err)
	switch {
	case ok && failure.State == mail.Unknown:
		return "it may have arrived, but " + err.Error()
	case ok:
		return err.Error() + failure.Advice()
	}
	return err.Error()
}
