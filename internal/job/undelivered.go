package job

import (
	"errors"

	"roster/internal/fault"
)

// Obstacle is why a message was not delivered, and so what may be sent next.
type Obstacle int

// The obstacles.
const (
	Unreachable Obstacle = iota // the server cannot be reached; it may be soon
	Rejected                    // the recipient is rejected for good
	Deferred                    // the recipient cannot receive the message now
	Blocked                     // something other than the recipient: no message can be delivered
)

// Undelivered is the error of a Mailer that knows the obstacle.
type Undelivered struct { //nolint:errname // what it is, rather than that it is one
	Obstacle Obstacle
	Err      error // its kind is that of the error
}

// Error returns the text of the error.
func (u *Undelivered) Error() string { return u.Err.Error() }

// Unwrap returns the error.
func (u *Undelivered) Unwrap() error { return u.Err }

// obstacleOf returns the obstacle of an error.
func obstacleOf(err error) Obstacle {
	if u, ok := errors.AsType[*Undelivered](err); ok {
		return u.Obstacle
	}
	if fault.KindOf(err) == fault.Invalid {
		return Rejected
	}
	return Unreachable
}
