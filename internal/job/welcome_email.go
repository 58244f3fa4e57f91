package job

import (
	"context"
	"fmt"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/task"
	"roster/internal/user"
)

// system is the actor of what jobs read.
func system(kind string) access.Actor { return access.System(kind) }

// causer is the actor of what a task changes: who started it, or the schedule and
// who changed it last. The reason names the task.
func causer(t task.Task) access.Actor {
	return access.OnBehalf(t.Actor).Because(fmt.Sprintf("task %d, %s", t.ID, t.Kind))
}

// Users finds users; *user.Users does.
type Users interface {
	// Find returns a user, or NotFound.
	Find(ctx context.Context, actor access.Actor, id int64) (user.User, error)
}

// WelcomeKind is the name of the kind of WelcomeEmail.
const WelcomeKind = "send_welcome_email"

// WelcomeArgs are the arguments of send_welcome_email.
type WelcomeArgs struct {
	UserID int64 `json:"user_id"`
}

// Needs implements task.Guarded.
func (WelcomeArgs) Needs() []access.Permission { return []access.Permission{access.MailUser} }

// Check implements task.Checker.
func (a WelcomeArgs) Check() error {
	if a.UserID < 1 {
		return fault.New(fault.Invalid, "The argument user_id must be the id of a user.")
	}
	return nil
}

// WelcomeResult is the result of send_welcome_email.
type WelcomeResult struct {
	Sent   bool   `json:"sent"`
	Reason string `json:"reason,omitempty"` // why nothing was sent, a sentence
}

// welcomeKind returns the kind of WelcomeEmail, without the work.
func welcomeKind() task.Kind {
	return task.Kind{
		Name: WelcomeKind, Version: 1, Timeout: 2 * time.Minute, MaxAttempts: 8, Backoff: 30 * time.Second,
		Summary: "Sends a welcome mail to a user.", Example: `{"user_id": 1}`,
	}
}

// Welcome returns the task send_welcome_email for a new user.
func Welcome(u user.User) (task.New, error) {
	k := task.Define(welcomeKind(), func(context.Context, *task.Job, WelcomeArgs) (any, error) { return nil, nil })
	return k.New(u.CreatedAt, access.System("users").Name(), WelcomeArgs{UserID: u.ID})
}

// WelcomeEmail returns the kind send_welcome_email, which sends a welcome mail
// to a user.
func WelcomeEmail(users Users, mailer Mailer) task.Kind {
	return task.Define(welcomeKind(),
		func(ctx context.Context, job *task.Job, args WelcomeArgs) (any, error) {
			u, err := users.Find(ctx, system(WelcomeKind), args.UserID)
			if fault.KindOf(err) == fault.NotFound {
				return WelcomeResult{Reason: fmt.Sprintf("User %d no longer exists.", args.UserID)}, nil
			}
			if err == nil {
				err = mailer.SendWelcome(ctx, messageID(job.Task, u.ID), u)
			}
			return WelcomeResult{Sent: err == nil}, err
		})
}
