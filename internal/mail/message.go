// Package mail renders and sends e-mail: messages as plain data, templates that
// operators can override, and three transports: SMTP, console and files.
package mail

import (
	"errors"
	netmail "net/mail"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"roster/internal/form"
)

// The maximum lengths of message fields.
const (
	maxSubject = 1000 // characters
	maxID      = 250  // bytes; its line stays under the 998 of RFC 5322
	maxURL     = 900  // bytes, for the same reason
)

// Message is an e-mail to one recipient. It is plain data; sending reports
// errors in it before anything is transmitted.
type Message struct {
	From        string // "address" or "Name <address>"; empty: the backend's sender
	To          string // a bare address by the rules of form.ValidEmail, no name
	Subject     string // one line, not empty
	Text        string // required: every message is readable without HTML
	HTML        string // empty: text only
	ID          string // Message-ID without brackets, such as "uuid@example.com"; use the same for a repeated message. Empty: random
	Unsubscribe string // https, http or mailto URL for List-Unsubscribe (RFC 2369); with https also for one click (RFC 8058); empty: none
}

// envelope is a valid message.
type envelope struct {
	from, to *netmail.Address // domains in ASCII
	message  Message
}

// seal validates a message and parses its addresses; sender replaces an empty
// From. It rejects control characters, so that no field of a message can inject
// a header or a command. The origin is what the error is about.
func seal(m Message, sender string) (envelope, Origin, error) {
	if m.From == "" {
		m.From = sender
	}
	from, err := parseSender(m.From)
	if err != nil {
		return envelope{}, OfSender, err
	}
	to, err := parseRecipient(m.To)
	if err != nil {
		return envelope{}, OfRecipient, err
	}
	m.Text, m.HTML = clean(m.Text), clean(m.HTML)
	return envelope{from: from, to: to, message: m}, OfMessage, errors.Join(subjectFault(m.Subject), textFault(m.Text), idFault(m.ID), unsubscribeFault(m.Unsubscribe))
}

// parseRecipient parses a bare address. RFC 5321 allows fewer characters in a
// quoted local part than Django's validator, so both are checked.
func parseRecipient(text string) (*netmail.Address, error) {
	if !form.ValidEmail(text) || !isLine(text) {
		return nil, errors.New("the recipient is not an address")
	}
	address, err := netmail.ParseAddress("<" + text + ">")
	if err != nil || !isLine(address.Address) {
		return nil, errors.New("the recipient is not an address that can receive mail")
	}
	return inASCII(address)
}

// inASCII returns the address with an ASCII domain. The local part is
// unchanged: only the recipient's server may interpret it.
func inASCII(a *netmail.Address) (*netmail.Address, error) {
	at := strings.LastIndexByte(a.Address, '@')
	local, domain := a.Address[:at], a.Address[at+1:]
	if !isASCII(domain) {
		var err error
		if domain, err = idna.Lookup.ToASCII(domain); err != nil {
			return nil, errors.New("the domain of an address cannot be converted to ASCII")
		}
	}
	return &netmail.Address{Name: a.Name, Address: local + "@" + domain}, nil
}

// bracketed returns the address in angle brackets, as in SMTP commands.
func bracketed(a *netmail.Address) string { return (&netmail.Address{Address: a.Address}).String() }

func subjectFault(subject string) error {
	switch {
	case !isLine(subject):
		return errors.New("the subject is not a single line of text")
	case strings.TrimSpace(subject) == "":
		return errors.New("the subject is empty")
	case utf8.RuneCountInString(subject) > maxSubject:
		return errors.New("the subject is too long")
	}
	return nil
}

func textFault(text string) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("the text is empty")
	}
	return nil
}

// idFault validates a Message-ID, which must have the form "dot-atom@dot-atom"
// of RFC 5322.
func idFault(id string) error {
	if id == "" {
		return nil
	}
	left, right, _ := strings.Cut(id, "@")
	if len(id) > maxID || !isDotAtom(left) || !isDotAtom(right) {
		return errors.New("the Message-ID is not of the form unique@domain")
	}
	return nil
}

func isDotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.ContainsFunc(atom, isNotAtomText) {
			return false
		}
	}
	return true
}

func isNotAtomText(r rune) bool {
	alphanumeric := '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
	return !alphanumeric && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

// unsubscribeFault validates the URL of List-Unsubscribe, a comma-separated
// list of URLs in angle brackets.
func unsubscribeFault(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || len(text) > maxURL || strings.ContainsFunc(text, isUnfitForURL) || u.Scheme != "mailto" && u.Host == "" ||
		u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "mailto" {
		return errors.New("the unsubscribe address is not an https, http or mailto URL")
	}
	return nil
}

func isUnfitForURL(r rune) bool { return r <= ' ' || r >= 0x7F || strings.ContainsRune(`<>,"\`, r) }

// isLine reports whether s is valid UTF-8 without control characters and line
// separators.
func isLine(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, breaksLine) }

func breaksLine(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// clean returns valid UTF-8 without control characters other than layout.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(text, string(utf8.RuneError)))
}
