package server

import (
	"context"
	"crypto/rand"
	"time"

	"roster/internal/auth"
	"roster/internal/mail"
)

// Limits of mails with a secret link. They are not tasks, because everyone who can
// read tasks could use the link.
const (
	maxLinkMails    = 4 // in flight
	linkMailTimeout = time.Minute
)

// sendUnlock sends a mail with a link that unlocks a login.
func (s *Services) sendUnlock(m auth.UnlockMail, link string) {
	s.sendLinkMail("unlock", m.To, mail.Unlock{Username: m.Username, URL: link, Minutes: int(auth.UnlockLife / time.Minute)})
}

// sendLink sends a mail with a link that sets a password.
func (s *Services) sendLink(m auth.PasswordMail, link string) {
	if m.Invited {
		s.sendLinkMail("invitation", m.To, mail.Invitation{Username: m.Username, URL: link, Days: int(auth.InviteLife / (24 * time.Hour))})
		return
	}
	s.sendLinkMail("reset", m.To, mail.PasswordReset{Username: m.Username, URL: link, Minutes: int(auth.ResetLife / time.Minute)})
}

// sendLinkMail sends a mail in the background, so that the answer takes the same
// time without a mail. Above maxLinkMails, or if the mail server fails, the mail is
// lost, and the owner has to request another one.
func (s *Services) sendLinkMail(kind, to string, content mail.Mail) {
	log := s.process.logger("auth")
	select {
	case s.links <- struct{}{}:
	default:
		log.Warn("a mail with a link was not sent, because too many are being sent", "kind", kind)
		return
	}
	go func() {
		defer func() { <-s.links }()
		ctx, cancel := context.WithTimeout(context.Background(), linkMailTimeout)
		defer cancel()
		if err := s.mails.send(ctx, kind+"-"+rand.Text(), to, content); err != nil {
			log.Error("a mail with a link could not be sent", "kind", kind, "cause", err)
		}
	}()
}
