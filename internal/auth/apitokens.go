package auth

import (
	"context"
	"log/slog"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/secret"
)

const (
	tokenUseNote = time.Minute         // how late the last use is noted
	expiredKept  = 30 * 24 * time.Hour // an expired token is listed
)

var (
	errBadToken  = fault.New(fault.BadCredential, "Invalid token.")
	errByToken   = fault.New(fault.Denied, "An API token or a JWT can manage no other tokens. Log in to manage them.")
	errNoAccount = fault.New(fault.Unauthenticated, "Authentication credentials were not provided.")
)

// APITokens manages the tokens of programs. Accounts manage their own; those of
// other accounts need the permission to change accounts. A token never grants
// more than its account holds at the time of a request. Every change writes an
// entry to the audit trail. It is safe for concurrent use.
type APITokens struct {
	store Store
	now   func() time.Time
	log   *slog.Logger
	recent[keptToken]
}

// keptToken is a token that was looked up, and its actor.
type keptToken struct {
	actor access.Actor
	token APIToken
}

// NewAPITokens returns the service on that store.
func NewAPITokens(store Store, now func() time.Time, log *slog.Logger) *APITokens {
	return &APITokens{store: store, now: now, log: log}
}

// Authenticate returns the actor of a token, limited to the token's scopes. It
// returns BadCredential if the token is unknown, expired or revoked, or its
// account is not active.
func (s *APITokens) Authenticate(ctx context.Context, text string, from access.Origin) (access.Actor, error) {
	if !isTokenText(text) {
		return access.Actor{}, errBadToken
	}
	digest, now := hexDigest(secret.New(text)), s.now()
	found, err := s.lookUp(ctx, digest, now)
	if err != nil {
		return access.Actor{}, err
	}
	if found.token.Expired(now) {
		return access.Actor{}, errBadToken
	}
	if now.Sub(found.token.UsedAt) >= tokenUseNote {
		s.noteUse(ctx, digest, found, from)
	}
	return found.actor.From(from), nil
}

// lookUp returns a token from memory or from the store.
func (s *APITokens) lookUp(ctx context.Context, digest string, now time.Time) (keptToken, error) {
	if found, ok := s.get(digest, now); ok {
		return found, nil
	}
	owner, err := s.store.FindAPIToken(ctx, digest)
	t := owner.Token
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return keptToken{}, errBadToken
	case err != nil:
		return keptToken{}, err
	case !owner.Account.IsActive:
		s.drop(ctx, t)
		return keptToken{}, errBadToken
	}
	actor := actorOf(owner.Account, owner.Permissions).By(access.Credential{Kind: access.APIToken, ID: t.ID, Name: t.Name})
	if len(t.Scopes) > 0 {
		actor = actor.Limited(permissionsOf(t.Scopes))
	}
	found := keptToken{actor, t}
	s.put(digest, found, now.Add(tokenKept))
	return found, nil
}

// drop deletes the token of a deactivated account, so that it stays invalid if
// the account is activated again.
func (s *APITokens) drop(ctx context.Context, t APIToken) {
	if err := write(ctx, s.store, func(tx Tx) error { return tx.DeleteAPIToken(t.ID) }); err != nil {
		s.log.WarnContext(ctx, "cannot delete the token of an inactive account", "token", t.ID, "cause", err)
	}
}

// noteUse records time and address of a use. A failure does not reject the
// request.
func (s *APITokens) noteUse(ctx context.Context, digest string, found keptToken, from access.Origin) {
	found.token.UsedAt, found.token.UsedFrom = stamp(s.now()), from.Address
	s.put(digest, found, found.token.UsedAt.Add(tokenKept))
	if err := write(ctx, s.store, func(tx Tx) error { return tx.UpdateAPIToken(found.token) }); err != nil {
		s.log.WarnContext(ctx, "cannot record the use of a token", "token", found.token.ID, "cause", err)
	}
}

// List returns the tokens of an account, newest first; 0 stands for all
// accounts, which needs the permission to change accounts.
func (s *APITokens) List(ctx context.Context, actor access.Actor, account int64) ([]APIToken, error) {
	if err := checkOwn(actor, account); err != nil {
		return nil, err
	}
	return s.store.ListAPITokens(ctx, account)
}

// Find returns a token that the actor may manage, or NotFound.
func (s *APITokens) Find(ctx context.Context, actor access.Actor, id int64) (t APIToken, err error) {
	err = s.store.InAuthTx(ctx, func(tx Tx) error {
		t, err = s.manage(tx, actor, id)
		return err
	})
	return t, err
}

// CheckCreate returns why the actor may not create a token for an account, nil
// if they may. A request that was authenticated by a token cannot.
func (s *APITokens) CheckCreate(actor access.Actor, account int64) error {
	if err := checkOwn(actor, account); err != nil {
		return err
	}
	if actor.Credential().IsToken() {
		return errByToken
	}
	return nil
}

// Create adds a token to an account and returns it with its text, which is not
// stored. It returns the error of CheckCreate, or an Invalid error with all
// field errors.
func (s *APITokens) Create(ctx context.Context, actor access.Actor, account int64, n NewAPIToken) (t APIToken, text secret.Text, err error) {
	if err := s.CheckCreate(actor, account); err != nil {
		return t, text, err
	}
	if err := n.check().Err(); err != nil {
		return t, text, err
	}
	text = newTokenText()
	err = write(ctx, s.store, func(tx Tx) error {
		a, held, err := tx.FindAccount(account)
		if err != nil {
			return err
		}
		if err := firstError(CheckReach(actor, a, held), s.checkRoom(tx, account)); err != nil {
			return err
		}
		now := stamp(s.now())
		t = APIToken{Account: account, Name: n.Name, Scopes: n.Scopes, CreatedAt: now}
		if n.Life > 0 {
			t.ExpiresAt = now.Add(n.Life)
		}
		return s.insert(tx, actor, &t, text)
	})
	return t, text, err
}

// checkRoom refuses more tokens than an account can have. It deletes those that
// expired long ago.
func (s *APITokens) checkRoom(tx Tx, account int64) error {
	if err := tx.DropAPITokens(account, stamp(s.now()).Add(-expiredKept)); err != nil {
		return err
	}
	n, err := tx.CountAPITokens(account)
	if err == nil && n >= MaxTokens {
		err = fault.New(fault.Conflict, "This account has 100 tokens, the maximum. Revoke one first.")
	}
	return err
}

// insert stores a token and records it.
func (s *APITokens) insert(tx Tx, actor access.Actor, t *APIToken, text secret.Text) (err error) {
	t.Hint = text.Reveal()[:tokenHint]
	if t.ID, err = tx.InsertAPIToken(hexDigest(text), *t); err != nil {
		return err
	}
	return tx.Record(deed{t.CreatedAt, actor}.entry(audit.Create, t.Object(), difference(nil, t.fields())))
}

// Rotate replaces a token by one with the same name, scopes and lifetime, and
// returns it with its text. The old token is valid for overlap, at most a week.
// A token can rotate itself.
func (s *APITokens) Rotate(ctx context.Context, actor access.Actor, id int64, overlap time.Duration) (t APIToken, text secret.Text, err error) {
	if overlap < 0 || overlap > MaxTokenOverlap {
		var faults fault.Fields
		faults.Add("overlap_hours", "Ensure this value is between 0 and 168.")
		return t, text, faults.Err()
	}
	text = newTokenText()
	err = write(ctx, s.store, func(tx Tx) error {
		old, err := s.manage(tx, actor, id)
		if err != nil {
			return err
		}
		if err := s.checkRoom(tx, old.Account); err != nil {
			return err
		}
		now := stamp(s.now())
		t = old
		t.CreatedAt, t.UsedAt, t.UsedFrom = now, time.Time{}, ""
		if !old.ExpiresAt.IsZero() {
			t.ExpiresAt = now.Add(old.ExpiresAt.Sub(old.CreatedAt))
		}
		if err := s.retire(tx, actor, old, now.Add(overlap)); err != nil {
			return err
		}
		return s.insert(tx, actor, &t, text)
	})
	s.Forget()
	return t, text, err
}

// retire lets a token expire at that time, unless it expires earlier.
func (s *APITokens) retire(tx Tx, actor access.Actor, old APIToken, at time.Time) error {
	if !old.ExpiresAt.IsZero() && old.ExpiresAt.Before(at) {
		return nil
	}
	after := old
	after.ExpiresAt = at
	if err := tx.UpdateAPIToken(after); err != nil {
		return err
	}
	d := deed{stamp(s.now()), actor}
	return tx.Record(d.entry(audit.Update, after.Object(), difference(old.fields(), after.fields())))
}

// Revoke deletes a token, or returns NotFound.
func (s *APITokens) Revoke(ctx context.Context, actor access.Actor, id int64) error {
	err := write(ctx, s.store, func(tx Tx) error {
		t, err := s.manage(tx, actor, id)
		if err != nil {
			return err
		}
		if err := tx.DeleteAPIToken(id); err != nil {
			return err
		}
		d := deed{stamp(s.now()), actor}
		return tx.Record(d.entry(audit.Delete, t.Object(), difference(t.fields(), nil)))
	})
	s.Forget()
	return err
}

// manage returns a token that the actor may manage. Tokens of other accounts are
// NotFound for those who may not change accounts.
func (s *APITokens) manage(tx Tx, actor access.Actor, id int64) (APIToken, error) {
	if !actor.Authenticated() {
		return APIToken{}, errNoAccount
	}
	t, err := tx.FindAPITokenByID(id)
	if err != nil {
		return APIToken{}, err
	}
	if checkOwn(actor, t.Account) != nil {
		return APIToken{}, errNotFound
	}
	if used := actor.Credential(); used.IsToken() && (used.Kind != access.APIToken || used.ID != id) {
		return APIToken{}, errByToken
	}
	a, held, err := tx.FindAccount(t.Account)
	if fault.KindOf(err) == fault.NotFound {
		return t, nil // the account was deleted by Django
	}
	if err != nil {
		return APIToken{}, err
	}
	if actor.ID() == t.Account {
		return t, nil
	}
	return t, CheckReach(actor, a, held)
}
