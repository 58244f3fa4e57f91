package mail

import (
	"context"
	"encoding/base64"
	"errors"
	"net/textproto"
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// signIn authenticates if there is a user. It never sends the password in a way
// that can be intercepted, whatever the server offers. Like Python's smtplib, it
// tries every mechanism that both sides know, until one succeeds.
func (s *SMTP) signIn(ctx context.Context, c *client) error {
	if s.options.User == "" {
		return nil
	}
	if s.options.Security == Plain && !isLocal(s.options.Host) {
		return &SendError{State: Unusable, Origin: OfLogin, Message: "the password is not sent without encryption"}
	}
	offered, _ := c.offered("AUTH")
	var refused *SendError
	for _, login := range s.logins(strings.Fields(strings.ToUpper(offered))) {
		err := c.login(login)
		if err == nil {
			return nil
		}
		failed := newFailure(ctx, atLogin, err)
		if refused == nil || failed.Code != 0 && refused.Code != badCredentials {
			refused = failed
		}
		if failed.Code == 0 { // the connection has ended
			break
		}
	}
	if refused != nil {
		return refused
	}
	return &SendError{State: Unusable, Origin: OfLogin, Message: "the server offers no supported login: PLAIN, LOGIN or CRAM-MD5"}
}

// logins returns our mechanisms that are offered, in the order of the server.
func (s *SMTP) logins(offered []string) (all []smtp.Auth) {
	o := s.options
	for i, mechanism := range offered {
		if slices.Contains(offered[:i], mechanism) {
			continue
		}
		switch mechanism {
		case "PLAIN":
			all = append(all, smtp.PlainAuth("", o.User, o.Password, "", true))
		case "LOGIN":
			all = append(all, smtp.LoginAuth(o.User, o.Password, "", true))
		case "CRAM-MD5":
			all = append(all, smtp.CRAMMD5Auth(o.User, o.Password))
		}
	}
	return all
}

// The codes of a login, from RFC 4954.
const (
	loginDone      = 235
	loginGoesOn    = 334
	loginMalformed = 501
	loginTwice     = 503 // already logged in; smtplib, too, takes it for success
	badCredentials = 535
)

// login performs one mechanism. A refusal is a *textproto.Error, and leaves the
// connection ready for another mechanism.
func (c *client) login(mechanism smtp.Auth) error {
	name, first, err := mechanism.Start(&smtp.ServerInfo{})
	if err != nil {
		return err
	}
	line := "AUTH " + name
	if first != nil {
		line += " " + encode64(first)
	}
	for {
		code, text, err := c.command(0, line)
		switch {
		case err != nil:
			return err
		case code == loginDone || code == loginTwice:
			return nil
		case code != loginGoesOn:
			return &textproto.Error{Code: code, Msg: text}
		}
		if line, err = respond(mechanism, text); err != nil {
			_, _, _ = c.command(0, "*") // the server responds 501
			return &textproto.Error{Code: loginMalformed, Msg: err.Error()}
		}
	}
}

// respond returns the response to a challenge.
func respond(mechanism smtp.Auth, challenge string) (string, error) {
	decoded, err := base64.StdEncoding.DecodeString(challenge)
	if err != nil {
		return "", errors.New("the challenge of the server is not Base64")
	}
	response, err := mechanism.Next(decoded, true)
	return encode64(response), err
}

func encode64(data []byte) string { return base64.StdEncoding.EncodeToString(data) }
