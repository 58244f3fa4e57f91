package auth

import (
	"slices"
	"time"

	"roster/internal/audit"
)

// Event is a change of an account that its owner should know about.
type Event string

// The events.
const (
	PasswordChanged Event = "password_changed"
	EmailChanged    Event = "email_changed"
	FactorAdded     Event = "factor_added"
	FactorRemoved   Event = "factor_removed"
	CodesRenewed    Event = "recovery_codes_renewed"
	TokenCreated    Event = "token_created"
)

// events are all of them.
var events = map[Event]bool{PasswordChanged: true, EmailChanged: true, FactorAdded: true, FactorRemoved: true, CodesRenewed: true, TokenCreated: true}

// Known reports whether there is such an event.
func (e Event) Known() bool { return events[e] }

// Notice is a security notice to the owner of an account.
type Notice struct {
	Account int64
	Event   Event
	At      time.Time
	To      string // the former e-mail address, "" for the present one
}

// Notices returns the notices that an entry of the audit trail calls for, each once.
func Notices(e audit.Entry) (notices []Notice) {
	add := func(account int64, event Event, to string) {
		if n := (Notice{account, event, e.At, to}); !slices.Contains(notices, n) {
			notices = append(notices, n)
		}
	}
	for _, c := range e.Changes {
		was, _ := c.Old.(string)
		owner, _ := c.New.(int64)
		switch {
		case e.Object.Type == "token" && e.Action == audit.Create && c.Field == "account":
			add(owner, TokenCreated, "")
		case e.Object.Type != "account" || e.Action != audit.Update:
		case c.Field == "password":
			add(e.Object.ID, PasswordChanged, "")
		case c.Field == "email" && was != "":
			add(e.Object.ID, EmailChanged, was)
		case c.Field == "second_factor" && c.New == true, c.Field == "passkey" && c.Old == nil:
			add(e.Object.ID, FactorAdded, "")
		case c.Field == "second_factor", c.Field == "passkey" && c.New == nil:
			add(e.Object.ID, FactorRemoved, "")
		case c.Field == "recovery_codes":
			add(e.Object.ID, CodesRenewed, "")
		}
	}
	return notices
}

// SealNotice encrypts the address of a notice for the arguments of a task, which
// more people may read. It returns "" without a key.
func (k Keys) SealNotice(address string) string { return k.sealJSON(forNotices, address) }

// OpenNotice decrypts a text of SealNotice.
func (k Keys) OpenNotice(text string) (address string, ok bool) {
	ok = k.openJSON(forNotices, text, &address)
	return address, ok
}
