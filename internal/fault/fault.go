// Package fault gives errors a kind, so that every interface handles them
// alike, and separates what callers may read from what only the log may
// contain.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind classifies an error.
type Kind int

// The kinds. An error without one is Internal.
const (
	Internal        Kind = iota // a defect or an unexpected failure; callers see no details
	Invalid                     // the input is invalid; see Fields
	NotFound                    // the object does not exist
	Unauthenticated             // the caller has not authenticated
	Denied                      // the caller may not do this
	Conflict                    // the state changed concurrently
	Outdated                    // the caller has an outdated version
	TooLarge                    // the input exceeds a limit
	Unsupported                 // the input's format is not understood
	Unprocessable               // the input is valid, but contradicts an earlier request
	Unavailable                 // a temporary failure; the same request may succeed later
	Full                        // no space to store it; reads still work
	Throttled                   // too many requests; see RetryAfter
	BadCredential               // the credential of the caller is not valid
)

// Error is an error with a kind. Message is a sentence that callers may see;
// Cause is only for the log. RetryAfter is how long to wait before a retry, 0
// if unknown.
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

// New returns an error of that kind with a message that callers may see.
func New(kind Kind, message string) error {
	return &Error{Kind: kind, Message: message}
}

// Wrap returns an error of that kind with a message that callers may see, and a
// cause for the log. The cause may be nil.
func Wrap(kind Kind, message string, cause error) error {
	return &Error{Kind: kind, Message: message, Cause: cause}
}

// KindOf returns the kind of the first *Error in err's chain, or Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// ErrUnknownOutcome is in the chain of an error after which it is unknown
// whether a transaction was committed.
var ErrUnknownOutcome = errors.New("whether it was committed is not known")

// RetryAfter returns how long to wait before a retry, from the first *Error in
// err's chain; 0 if unknown.
func RetryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}
