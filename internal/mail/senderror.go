package mail

import (
	"context"
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
	// Refused messages will never be delivered: the server rejects the
	// recipient, or the message is invalid.
	Refused
	// Unusable means that the server rejects something other than the
	// recipient: the message, the sender, the login, the encryption, this
	// machine, or one message more than a quota. Nothing can be delivered until
	// that changes.
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
	Origin  Origin // what the server rejects
	Code    int    // the server's response code, such as 550; 0 if none
	Message string // what failed, in a few words
	Cause   error  // may be nil; a *textproto.Error for a server response
}

// newFailure classifies the error of a stage: a response of the server by its
// code and text, other errors as a failed connection.
func newFailure(ctx context.Context, s stage, err error) *SendError {
	if answer, ok := errorAnswer(err); ok {
		return rejection(s, answer)
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx) // instead of the resulting connection error
	}
	return &SendError{State: Deferred, Origin: OfServer, Message: "the connection to the server failed", Cause: err}
}

func rejection(s stage, answer *textproto.Error) *SendError {
	f := &SendError{State: Deferred, Origin: originOf(s, answer.Code, answer.Msg), Code: answer.Code, Cause: answer}
	f.Message = f.Origin.message()
	switch {
	case s == atEncryption:
		f.Message = "the server rejects STARTTLS"
	case f.Origin == OfLogin && s != atLogin:
		f.Message = "the server requires a login"
	}
	switch {
	case answer.Code/100 != 5:
	case f.Origin == OfRecipient:
		f.State = Refused
	default:
		f.State = Unusable
	}
	return f
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

// Advice returns the settings to look at, as the end of a sentence that begins
// with Error; "" if no setting is concerned.
func (e *SendError) Advice() string {
	if settings := e.Origin.settings(); settings != "" && e.State != Refused {
		return "; see " + settings
	}
	return ""
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
