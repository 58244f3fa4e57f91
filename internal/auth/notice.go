package auth

import (
	"slices"
	"strings"
	"time"

	"roster/internal/access"
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
	NewDevice       Event = "new_device" // that logged in
)

// events are all of them.
var events = map[Event]bool{PasswordChanged: true, EmailChanged: true, FactorAdded: true, FactorRemoved: true, CodesRenewed: true, TokenCreated: true, NewDevice: true}

// Known reports whether there is such an event.
func (e Event) Known() bool { return events[e] }

// Notice is a security notice to the owner of an account.
type Notice struct {
	Account int64
	Event   Event
	At      time.Time
	NoticePrivate
}

// NoticePrivate is what a notice says that is for its owner alone.
type NoticePrivate struct {
	To    string `json:"to,omitempty"`    // the former e-mail address, "" for the present one
	From  string `json:"from,omitempty"`  // the address of a new device
	Agent string `json:"agent,omitempty"` // its User-Agent, which may be anything
}

// Notices returns the notices that an entry of the audit trail calls for, each once.
func Notices(e audit.Entry) (notices []Notice) {
	add := func(account int64, event Event, private NoticePrivate) {
		if n := (Notice{account, event, e.At, private}); !slices.Contains(notices, n) {
			notices = append(notices, n)
		}
	}
	renewed := strings.HasPrefix(e.Credential, string(access.APIToken)) // a token can only replace itself
	for _, c := range e.Changes {
		was, _ := c.Old.(string)
		owner, _ := c.New.(int64)
		switch {
		case e.Object.Type == "token" && e.Action == audit.Create && c.Field == "account" && !renewed:
			add(owner, TokenCreated, NoticePrivate{})
		case e.Object.Type == "account" && e.Action == audit.Login && c.Field == "new_device":
			agent, _ := c.New.(string)
			add(e.Object.ID, NewDevice, NoticePrivate{From: e.Origin.Address, Agent: agent})
		case e.Object.Type != "account" || e.Action != audit.Update:
		case c.Field == "password":
			add(e.Object.ID, PasswordChanged, NoticePrivate{})
		case c.Field == "email" && was != "":
			add(e.Object.ID, EmailChanged, NoticePrivate{To: was})
		case c.Field == "second_factor" && c.New == true, c.Field == "passkey" && c.Old == nil:
			add(e.Object.ID, FactorAdded, NoticePrivate{})
		case c.Field == "second_factor", c.Field == "passkey" && c.New == nil:
			add(e.Object.ID, FactorRemoved, NoticePrivate{})
		case c.Field == "recovery_codes":
			add(e.Object.ID, CodesRenewed, NoticePrivate{})
		}
	}
	return notices
}

// SealNotice encrypts the private part of a notice for the arguments of a task,
// which more people may read. It returns "" for an empty one, and without a key.
func (k Keys) SealNotice(p NoticePrivate) string {
	if p == (NoticePrivate{}) {
		return ""
	}
	return k.sealJSON(forNotices, p)
}

// OpenNotice decrypts a text of SealNotice.
func (k Keys) OpenNotice(text string) (p NoticePrivate, ok bool) {
	ok = k.openJSON(forNotices, text, &p)
	return p, ok
}
