package server

import (
	"context"
	"crypto/rand"
	"time"

	"roster/internal/auth"
	"roster/internal/mail"
)

// Limits of mails that unlock a login. They are not tasks, because
// everyone who can read tasks could use the link.
const (
	maxUnlocks    = 4 // in flight
	unlockTimeout = time.Minute
)

// sendUnlock sends a mail with that link in the background, so that the answer
// takes the same time without a mail. Above maxUnlocks, or if the mail server
// fails, the mail is lost, and the owner has to request another one.
func (s *Services) sendUnlock(m auth.UnlockMail, link string) {
	log := s.process.logger("auth")
	select {
	case s.unlocks <- struct{}{}:
	default:
		log.Warn("a mail to unlock a login was not sent, because too many are being sent")
		return
	}
	go func() {
		defer func() { <-s.unlocks }()
		ctx, cancel := context.WithTimeout(context.Background(), unlockTimeout)
		defer cancel()
		content := mail.Unlock{Username: m.Username, URL: link, Minutes: int(auth.UnlockLife / time.Minute)}
		if err := s.mails.send(ctx, "unlock-"+rand.Text(), m.To, content); err != nil {
			log.Error("a mail to unlock a login could not be sent", "cause", err)
		}
	}()
}
