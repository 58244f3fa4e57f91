package user

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
)

// SubscriptionStore stores who gets no mailings. Implementations are like those of
// Store.
type SubscriptionStore interface {
	// IsUnsubscribed reports whether a user gets no mailings.
	IsUnsubscribed(ctx context.Context, id int64) (bool, error)
	// InSubscriptionTx runs fn in one transaction, as Store says of InTx.
	InSubscriptionTx(ctx context.Context, fn func(tx SubscriptionTx) error) error
}

// SubscriptionTx is a transaction on the subscription of a user.
type SubscriptionTx interface {
	audit.Recorder
	// FindUser returns a user, or NotFound.
	FindUser(id int64) (User, error)
	// SetUnsubscribed stores whether a user gets no mailings, and reports whether
	// that is a change.
	SetUnsubscribed(id int64, unsubscribed bool, at time.Time) (bool, error)
}

// LinkSigner signs the links to unsubscribe; auth.Keys does.
type LinkSigner interface {
	// SignUnsubscribe returns a signature without dots and slashes, "" without a
	// key.
	SignUnsubscribe(text string) string
	// SignedUnsubscribe reports whether a signature is that of the text.
	SignedUnsubscribe(text, given string) bool
}

// Subscriptions manages who gets mailings. By default everyone does; mail about a
// user's own account is sent in any case. It is safe for concurrent use.
type Subscriptions struct {
	store  SubscriptionStore
	signer LinkSigner
	now    func() time.Time
	log    *slog.Logger
}

// NewSubscriptions returns the service on that store. now is the clock.
func NewSubscriptions(store SubscriptionStore, signer LinkSigner, now func() time.Time, log *slog.Logger) *Subscriptions {
	return &Subscriptions{store: store, signer: signer, now: now, log: log}
}

// Gets reports whether a user gets mailings. The actor must be allowed to view
// users.
func (s *Subscriptions) Gets(ctx context.Context, actor access.Actor, id int64) (bool, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return false, err
	}
	unsubscribed, err := s.store.IsUnsubscribed(ctx, id)
	return !unsubscribed, err
}

// Set stores whether a user gets mailings, or returns NotFound. The actor must be
// allowed to change users.
func (s *Subscriptions) Set(ctx context.Context, actor access.Actor, id int64, gets bool) error {
	if err := actor.Check(access.ChangeUser); err != nil {
		return err
	}
	return s.set(ctx, actor, id, gets)
}

// Token returns the token of a user for the link to unsubscribe, "" without a key.
// It has no dots and slashes.
func (s *Subscriptions) Token(id int64) string {
	text := strconv.FormatInt(id, 10)
	mac := s.signer.SignUnsubscribe(text)
	if mac == "" {
		return ""
	}
	return text + "-" + mac
}

// ByToken returns the user of a token, and whether the user gets mailings; NotFound
// if the token is invalid or the user was deleted.
func (s *Subscriptions) ByToken(ctx context.Context, token string) (address string, gets bool, err error) {
	id, err := s.parse(token)
	if err != nil {
		return "", false, err
	}
	err = s.store.InSubscriptionTx(ctx, func(tx SubscriptionTx) error {
		u, err := tx.FindUser(id)
		address = u.Email
		return err
	})
	if err != nil {
		return "", false, err
	}
	unsubscribed, err := s.store.IsUnsubscribed(ctx, id)
	return address, !unsubscribed, err
}

// SetByToken stores whether the user of a token gets mailings; the actor, for the
// audit trail, needs no permission. It returns NotFound like ByToken.
func (s *Subscriptions) SetByToken(ctx context.Context, actor access.Actor, token string, gets bool) error {
	id, err := s.parse(token)
	if err != nil {
		return err
	}
	return s.set(ctx, actor, id, gets)
}

// parse returns the user id of a token, or NotFound.
func (s *Subscriptions) parse(token string) (int64, error) {
	text, mac, _ := strings.Cut(token, "-")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || text != strconv.FormatInt(id, 10) || !s.signer.SignedUnsubscribe(text, mac) {
		return 0, fault.New(fault.NotFound, "This link is not valid.")
	}
	return id, nil
}

func (s *Subscriptions) set(ctx context.Context, actor access.Actor, id int64, gets bool) error {
	at := s.now().UTC().Truncate(time.Microsecond)
	changed := false
	err := s.store.InSubscriptionTx(ctx, func(tx SubscriptionTx) error {
		u, err := tx.FindUser(id)
		if err != nil {
			return err
		}
		if changed, err = tx.SetUnsubscribed(id, !gets, at); err != nil || !changed {
			return err
		}
		return tx.Record(audit.NewEntry(at, actor, audit.Update, u.Object(), []audit.Change{{Field: "mailings", Old: !gets, New: gets}}))
	})
	if err == nil && changed {
		s.log.InfoContext(ctx, "subscription to mailings changed", "id", id, "gets", gets, "actor", actor.Name())
	}
	return err
}
