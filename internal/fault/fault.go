// Package fault gives errors a kind, so that every door can answer them alike,
// and keeps what a caller may read apart from what only the log may hold.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of failure an error is.
type Kind int

// The kinds. An error without one is Internal.
const (
	Internal        Kind = iota // a defect or an unforeseen failure; nothing of it is shown
	Invalid                     // the input breaks a rule; Fields says which
	NotFound                    // there is no such thing
	Unauthenticated             // the caller has not said who they are
	Denied                      // the caller may not do this
	Conflict                    // the state changed under the caller
	Outdated                    // the caller knows an older state than there is
	TooLarge                    // the input is over a limit
	Unsupported                 // the input's format is not understood
	Unprocessable               // the input is valid, but contradicts an earlier one
	Unavailable                 // cannot be done now; the same request may succeed later
	Full                        // no room to store it; reads go on
	Throttled                   // the caller asks too often; RetryAfter says how long to wait
)

// Error is a failure with a kind. Message is a sentence that may be shown to
// the caller; Cause is for the log alone. RetryAfter is how long to wait before
// asking again, where that is known, and 0 elsewhere.
type Error struct {
	Kind       Kind
	Message    string
	Fields     Fields
	RetryAfter time.Duration
	Cause      error
}

// Error returns the message and the cause, for the log.
func (e *Error) Error() string {
	text := e.Message
	if text == "" && len(e.Fields) > 0 {
		text = "invalid " + e.Fields[0].Name
	}
	if e.Cause != nil {
		return fmt.Sprintf("%s: %v", text, e.Cause)
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New returns an error of that kind with a message that may be shown.
func New(kind Kind, message string) error {
	return &Error{Kind: kind, Message: message}
}

// Wrap returns an error of that kind that shows message and keeps cause for
// the log. A nil cause is allowed.
func Wrap(kind Kind, message string, cause error) error {
	return &Error{Kind: kind, Message: message, Cause: cause}
}

// KindOf returns the kind of the first *Error in err's chain, Internal when
// there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// ErrUnknownOutcome is in the chain of an error after which it is not known
// whether a transaction was committed.
var ErrUnknownOutcome = errors.New("whether it was committed is not known")

// RetryAfter returns how long to wait before asking again, as the first *Error
// in err's chain says; 0 when none does.
func RetryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}
