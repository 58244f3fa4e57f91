package server

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"roster/internal/config"
	"roster/internal/mail"
)

// Mailer sends mail as EMAIL_BACKEND says. Its String names where
// messages go.
type Mailer interface {
	fmt.Stringer
	// Send sends a message. Errors are a *mail.SendError.
	Send(ctx context.Context, m mail.Message) error
	// Close closes the connections. It may be called again.
	Close() error
}

// NewMailer returns the mailer of the settings. The console backend prints to
// console. It does not connect yet.
func NewMailer(conf config.Config, console io.Writer) Mailer {
	composer := mail.Composer{From: conf.DefaultFromEmail}
	switch conf.EmailBackend {
	case config.EmailSMTP:
		return mail.NewSMTP(mail.SMTPOptions{
			Host:      conf.EmailHost,
			Port:      conf.EmailPort,
			Security:  mailSecurity(conf),
			User:      conf.EmailHostUser,
			Password:  conf.EmailHostPassword.Reveal(),
			HelloName: conf.EmailEHLOName,
			Timeout:   conf.EmailTimeout(),
			Composer:  composer,
		})
	case config.EmailFile:
		return mail.NewFiles(conf.EmailFilePath, composer)
	default:
		return mail.NewConsole(console, composer)
	}
}

func mailSecurity(conf config.Config) mail.Security {
	switch {
	case conf.EmailUseSSL:
		return mail.TLS
	case conf.EmailUseTLS:
		return mail.STARTTLS
	default:
		return mail.Plain
	}
}

// MailTemplates reads the mail templates. The error has a line for each fault,
// which names the setting.
func MailTemplates(conf config.Config) (*mail.Templates, error) {
	if conf.EmailTemplates == "" {
		return mail.NewTemplates(nil)
	}
	templates, err := mail.NewTemplates(os.DirFS(conf.EmailTemplates))
	if err != nil {
		const name = "EMAIL_TEMPLATES: "
		return nil, fmt.Errorf("%s%s", name, strings.ReplaceAll(err.Error(), "\n", "\n"+name))
	}
	return templates, nil
}
