package mail

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	netmail "net/mail"
	"strings"
	"time"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
)

const (
	maxWord      = 60 // bytes of an unencoded word; longer ones could not be folded
	encodedChunk = 45 // bytes of text in an encoded word of at most 75 bytes (RFC 2047, section 2)
)

// Composer renders messages for sending. Set at least From. It is safe for
// concurrent use if its functions are.
type Composer struct {
	From     string           // default sender: "address" or "Name <address>"
	Now      func() time.Time // nil: time.Now; in local time
	Boundary func() string    // returns a new MIME boundary of letters and digits; nil: random

	unencoded bool // the text is written as it is, for people
}

// composed is a message ready to be sent.
type composed struct {
	from, to string // as in SMTP commands, in angle brackets
	text     []byte // by RFC 5322, lines end with CRLF
	foreign  Origin // OfRecipient or OfSender if that address is not ASCII: the server must know SMTPUTF8; else OfNothing
}

// compose checks and renders a message. Its error is in state Refused.
func (c Composer) compose(m Message) (composed, error) {
	e, origin, err := seal(m, c.From)
	if err != nil {
		return composed{}, &SendError{State: Refused, Origin: origin, Message: "the message cannot be sent", Cause: err}
	}
	var text bytes.Buffer
	if _, err := c.build(e).WriteTo(&text); err != nil {
		return composed{}, &SendError{State: Refused, Origin: OfMessage, Message: "the message cannot be written", Cause: err}
	}
	return composed{from: bracketed(e.from), to: bracketed(e.to), text: text.Bytes(), foreign: e.foreign()}, nil
}

// foreign returns which address is not ASCII.
func (e envelope) foreign() Origin {
	switch {
	case !isASCII(e.from.Address):
		return OfSender
	case !isASCII(e.to.Address):
		return OfRecipient
	}
	return OfNothing
}

func (c Composer) build(e envelope) *gomail.Msg {
	m := e.message
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary(c.boundary()))
	if c.unencoded {
		msg.SetEncoding(gomail.NoEncoding)
	}
	msg.FromMailAddress(e.from)
	msg.ToMailAddress(e.to)
	msg.SetDateWithValue(c.now())
	if m.ID == "" {
		m.ID = strings.ToLower(rand.Text()) + "@" + domainOf(e.from)
	}
	msg.SetMessageIDWithValue(m.ID)
	msg.SetGenHeader(gomail.HeaderSubject, encodeWords(m.Subject))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: suppresses automatic replies
	if m.Unsubscribe != "" {
		msg.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
	}
	if strings.HasPrefix(m.Unsubscribe, "https:") {
		msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg
}

// SenderDomain returns the domain, in ASCII, of a sender: "address" or "Name
// <address>". For an invalid sender, which Send reports, it returns localhost.
func SenderDomain(sender string) string {
	from, err := parseSender(sender)
	if err != nil {
		return "localhost"
	}
	return domainOf(from)
}

// domainOf returns the domain of an address, without the brackets of a literal.
func domainOf(a *netmail.Address) string {
	return strings.Trim(a.Address[strings.LastIndexByte(a.Address, '@')+1:], "[]")
}

func (c Composer) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

func (c Composer) boundary() string {
	if c.Boundary == nil {
		return rand.Text()
	}
	return c.Boundary()
}

// encodeWords encodes a header's text as in RFC 2047. ASCII whose words can be
// folded is unchanged, unless it looks like encoded words.
func encodeWords(text string) string {
	if isPlain(text) {
		return text
	}
	var words []string
	for len(text) > 0 {
		end := min(encodedChunk, len(text))
		for end < len(text) && !utf8.RuneStart(text[end]) {
			end--
		}
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(text[:end]))+"?=")
		text = text[end:]
	}
	return strings.Join(words, " ")
}

func isPlain(text string) bool {
	if !isASCII(text) || strings.Contains(text, "=?") {
		return false
	}
	for word := range strings.SplitSeq(text, " ") {
		if word == "" || len(word) > maxWord {
			return false
		}
	}
	return true
}
