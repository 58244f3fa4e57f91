package httpkit

import (
	"errors"
	"math"
	"net/http"
	"strconv"

	"roster/internal/fault"
)

// statuses has the HTTP status of every kind of error but Internal.
var statuses = map[fault.Kind]int{
	fault.Invalid:         http.StatusBadRequest,
	fault.NotFound:        http.StatusNotFound,
	fault.Unauthenticated: http.StatusForbidden, // no WWW-Authenticate to offer, as with Django's session authentication
	fault.BadCredential:   http.StatusUnauthorized,
	fault.Denied:          http.StatusForbidden,
	fault.Conflict:        http.StatusConflict,
	fault.Outdated:        http.StatusPreconditionFailed,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unsupported:     http.StatusUnsupportedMediaType,
	fault.Unprocessable:   http.StatusUnprocessableEntity,
	fault.Throttled:       http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Full:            http.StatusInsufficientStorage,
}

// StatusError is an error of HTTP itself, such as a method that a path does
// not have. The message may be shown to the client.
type StatusError struct {
	Status  int
	Message string
}

// Error returns the message.
func (e *StatusError) Error() string { return e.Message }

// StatusOf returns the HTTP status for an error: that of its kind, 500 when it
// has none.
func StatusOf(err error) int {
	if e, ok := errors.AsType[*StatusError](err); ok {
		return e.Status
	}
	if status, known := statuses[fault.KindOf(err)]; known {
		return status
	}
	return http.StatusInternalServerError
}

// SetRetryAfter sets Retry-After in whole seconds, if err says how long to wait
// (RFC 9110, 10.2.3).
func SetRetryAfter(h http.Header, err error) {
	if wait := fault.RetryAfter(err); wait > 0 {
		h["Retry-After"] = []string{strconv.FormatInt(int64(math.Ceil(wait.Seconds())), 10)}
	}
}
