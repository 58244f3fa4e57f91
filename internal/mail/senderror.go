package mail

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"unicode/utf8"

	"roster/internal/fault"
)

// State says what became of a message that was not simply sent.
type State int

// The states. Only with Unknown the recipient may have the message.
const (
	// Deferred messages were not delivered, and may be when they are sent again
	// later: the server said 4xx, was not reached, or did not answer in time.
	Deferred State = iota
	// Refused messages will never be delivered as they are: the server said 5xx
	// to this recipient or this content, or the message breaks a rule.
	Refused
	// Unusable means that no message of ours is delivered until somebody
	// changes a setting or the server: it refuses the login, the sender or the
	// encryption. It says nothing about the recipient.
	Unusable
	// Unknown messages were handed over in full, but the connection ended
	// before the server took responsibility. Whoever sends again gives the same
	// Message-ID, by which the recipient's side can drop the second.
	Unknown
)

// SendError is the error of every Send. Its kind, as fault.KindOf has it, is
// Invalid for Refused, and Unavailable for what may be sent again: so a caller
// that knows no more than kinds gives up, or tries again, rightly.
type SendError struct {
	State   State
	Code    int    // of the server's answer, such as 550; 0 when it gave none
	Message string // what failed, in a few words
	Cause   error  // nil when Message says all; an answer of the server is a *textproto.Error
}

// maxErrorText is the most characters of a failure that are told.
const maxErrorText = 500

// Error returns one line: what failed, and what the server or the network said.
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

// Unwrap returns the kind, as a *fault.Error, which wraps the cause.
func (e *SendError) Unwrap() error {
	kind := fault.Unavailable
	if e.State == Refused {
		kind = fault.Invalid
	}
	return fault.Wrap(kind, e.Message, e.Cause)
}

// errorAnswer returns the server's answer that err stands for.
func errorAnswer(err error) (*textproto.Error, bool) { return errors.AsType[*textproto.Error](err) }
