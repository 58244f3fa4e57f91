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
	maxWord      = 60 // bytes of a word that is left as it is; longer ones could not be folded
	encodedChunk = 45 // bytes of text in an encoded word, which may have 75 in all (RFC 2047, section 2)
)

// Composer turns messages into the text that is sent. The zero value but for
// From is ready to use. It is safe for concurrent use when its functions are.
type Composer struct {
	From     string           // the sender of messages that name none: "address" or "Name <address>"
	Now      func() time.Time // nil: time.Now; in local time
	Boundary func() string    // a new separator of parts, of letters and digits; nil: random ones
}

// composed is a message ready to be sent.
type composed struct {
	from, to string // as SMTP commands have them, in angle brackets
	text     []byte // by RFC 5322, lines end with CRLF
	foreign  bool   // an address is not ASCII: the server must know SMTPUTF8
}

// compose checks and renders a message. Its failure is of state Refused.
func (c Composer) compose(m Message) (composed, error) {
	e, err := seal(m, c.From)
	if err != nil {
		return composed{}, &SendError{State: Refused, Message: "the message cannot be sent", Cause: err}
	}
	var text bytes.Buffer
	if _, err := c.build(e).WriteTo(&text); err != nil {
		return composed{}, &SendError{State: Refused, Message: "the message cannot be written", Cause: err}
	}
	foreign := !isASCII(e.from.Address) || !isASCII(e.to.Address)
	return composed{from: bracketed(e.from), to: bracketed(e.to), text: text.Bytes(), foreign: foreign}, nil
}

func (c Composer) build(e envelope) *gomail.Msg {
	m := e.message
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary(c.boundary()))
	msg.FromMailAddress(e.from)
	msg.ToMailAddress(e.to)
	msg.SetDateWithValue(c.now())
	if m.ID == "" {
		m.ID = strings.ToLower(rand.Text()) + "@" + domainOf(e.from)
	}
	msg.SetMessageIDWithValue(m.ID)
	msg.SetGenHeader(gomail.HeaderSubject, encodeWords(m.Subject))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday notices in return
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
// <address>". For what is none it is localhost: Send says what is wrong with it.
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

// encodeWords returns a header's text as RFC 2047 has it. ASCII whose words can
// be folded stays, unless it would be taken for encoded words.
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
