package mail

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"unicode/utf8"

	"roster/internal/fault"
)

// State is the outcome of a failed send.
type State int

// The states. Only with Unknown may the recipient have the message.
const (
	// Deferred messages were not delivered, and may be later: the server
	// responded 4xx, was unreachable, or did not respond in time.
	Deferred State = iota
	// Refused messages will never be delivered: the server responded 5xx to
	// this recipient or content, or the message is invalid.
	Refused
	// Unusable means that no message can be delivered until a setting or the
	// server changes: it rejects the login, the sender or the encryption. It is
	// independent of the recipient.
	Unusable
	// Unknown messages were sent completely, but the connection ended before
	// the server accepted them. To retry, use the same Message-ID, by which the
	// recipient's side can drop the duplicate.
	Unknown
)

// SendError is the error of every Send. Its kind (see fault.KindOf) is Invalid
// for Refused, and Unavailable for states that may be retried, so that callers
// that only look at kinds retry correctly.
type SendError struct {
	State   State
	Code    int    // the server's response code, such as 550; 0 if none
	Message string // what failed, in a few words
	Cause   error  // may be nil; a *textproto.Error for a server response
}

// maxErrorText is the maximum length of an error text, in characters.
const maxErrorText = 500

// Error returns one line: what failed, and the response or network error.
func (e *SendError) Error() string {
	text := e.Message
	if answer, ok := errorAnswer(e.Cause); ok {
		text += fmt.Sprintf(": %d %s", answer.Code, answer.Msg)
	} else if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || breaksLine(r) }), " ")
	if runes := []rune(text); len(runes) > maxErrorText {
		return string(runes[:maxErrorText]) + "…"
	}
	return text
}

// Unwrap returns a *fault.Error with the kind, which wraps the cause.
func (e *SendError) Unwrap() error {
	kind := fault.Unavailable
	if e.State == Refused {
		kind = fault.Invalid
	}
	return fault.Wrap(kind, e.Message, e.Cause)
}

// errorAnswer returns the server response in err.
func errorAnswer(err error) (*textproto.Error, bool) { return errors.AsType[*textproto.Error](err) }
