package job

import (
	"context"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/task"
)

// securityNotice is the name of the kind of SecurityNotice.
const securityNotice = "send_security_notice"

// Accounts finds staff accounts; *store.Store does.
type Accounts interface {
	// FindAccount returns an account and its holdings, or NotFound.
	FindAccount(ctx context.Context, id int64) (auth.Account, auth.Holdings, error)
}

// NoticeArgs are the arguments of send_security_notice.
type NoticeArgs struct {
	AccountID int64      `json:"account_id"`
	Event     auth.Event `json:"event"`
	At        time.Time  `json:"at"`
	Private   string     `json:"private,omitempty"` // sealed by auth.Keys; "" for an empty NoticePrivate
}

// Needs implements task.Guarded.
func (NoticeArgs) Needs() []access.Permission { return []access.Permission{access.Accounts.Change()} }

// Check implements task.Checker.
func (a NoticeArgs) Check() error {
	if a.AccountID < 1 || !a.Event.Known() {
		return fault.New(fault.Invalid, "The arguments account_id and event must be the id of a staff account and an event.")
	}
	return nil
}

// NoticeResult is the result of send_security_notice.
type NoticeResult struct {
	Sent   bool   `json:"sent"`
	Reason string `json:"reason,omitempty"` // why nothing was sent, a sentence
}

func noticeKind() task.Kind {
	return task.Kind{
		Name: securityNotice, Version: 1, Timeout: 2 * time.Minute, MaxAttempts: 8, Backoff: 30 * time.Second,
		Summary: "Mails a security notice to the owner of a staff account.",
		Example: `{"account_id": 1, "event": "password_changed", "at": "2026-11-23T12:00:00Z"}`,
	}
}

// SecurityNotices returns the function that returns the tasks for an entry of the
// audit trail, which are stored in its transaction. An account without an address
// gets none.
func SecurityNotices(keys auth.Keys) func(auth.Tx, audit.Entry) ([]task.New, error) {
	k := task.Define(noticeKind(), func(context.Context, *task.Job, NoticeArgs) (any, error) { return nil, nil })
	return func(tx auth.Tx, e audit.Entry) (tasks []task.New, err error) {
		for _, n := range auth.Notices(e) {
			ok, err := reachable(tx, n)
			if err != nil {
				return nil, err
			}
			args := NoticeArgs{AccountID: n.Account, Event: n.Event, At: n.At, Private: keys.SealNotice(n.NoticePrivate)}
			if !ok || n.To != "" && args.Private == "" {
				continue
			}
			t, err := k.New(e.At, access.System("auth").Name(), args)
			if err != nil {
				return nil, err
			}
			tasks = append(tasks, t)
		}
		return tasks, nil
	}
}

// reachable reports whether a notice has an address, its own or that of the account.
func reachable(tx auth.Tx, n auth.Notice) (bool, error) {
	if n.To != "" {
		return true, nil
	}
	a, _, err := tx.FindAccount(n.Account)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return a.Email != "", err
}

// SecurityNotice returns the kind send_security_notice, which mails a security
// notice to the owner of an account.
func SecurityNotice(accounts Accounts, keys auth.Keys, mailer Mailer) task.Kind {
	return task.Define(noticeKind(), func(ctx context.Context, job *task.Job, args NoticeArgs) (any, error) {
		a, _, err := accounts.FindAccount(ctx, args.AccountID)
		if fault.KindOf(err) == fault.NotFound {
			return NoticeResult{Reason: "The account no longer exists."}, nil
		}
		if err != nil {
			return nil, err
		}
		n := auth.Notice{Account: a.ID, Event: args.Event, At: args.At}
		n.NoticePrivate, _ = keys.OpenNotice(args.Private)
		if n.To == "" && args.Event != auth.EmailChanged {
			n.To = a.Email
		}
		if n.To == "" {
			return NoticeResult{Reason: "The account has no e-mail address."}, nil
		}
		err = mailer.SendSecurityNotice(ctx, messageID(job.Task, 1), a.Username, n)
		return NoticeResult{Sent: err == nil}, err
	})
}
