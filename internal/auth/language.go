package auth

import (
	"context"

	"roster/internal/access"
	"roster/internal/fault"
)

// MaxLanguage is the maximum length of the code of a language, in bytes; BCP 47
// recommends to support so many (RFC 5646, 4.4.1).
const MaxLanguage = 35

// SetLanguage stores the language that the actor has chosen for pages; ""
// is that of the browser. It is not audited.
func (s *Accounts) SetLanguage(ctx context.Context, actor access.Actor, code string) error {
	if actor.ID() == 0 || len(code) > MaxLanguage {
		return fault.New(fault.Denied, "Only accounts have a language.")
	}
	return write(ctx, s.store, func(tx Tx) error { return tx.SetLanguage(actor.ID(), code) })
}
