package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth/password"
	"roster/internal/fault"
	"roster/internal/secret"
)

// Accounts manages staff accounts. Every method checks the actor, who can
// neither grant permissions they do not hold nor change an account that holds
// more than they do. Every change writes an entry to the audit trail. It is
// safe for concurrent use.
type Accounts struct {
	store      Store
	limiter    *password.Limiter
	validators *Validators
	now        func() time.Time
	log        *slog.Logger
	expected   *string // required version of the account, nil for any
}

// NewAccounts returns the service on that store. limiter hashes passwords; now
// is the clock; log records every change, without personal data.
func NewAccounts(store Store, limiter *password.Limiter, validators *Validators, now func() time.Time, log *slog.Logger) *Accounts {
	return &Accounts{store: store, limiter: limiter, validators: validators, now: now, log: log}
}

// NewPassword is the new password of an account.
type NewPassword struct {
	Text    secret.Text  // empty: disables login by password
	Again   *secret.Text // the repeated input, which must equal a non-empty Text; nil if not asked
	Trusted bool         // skips the validators, for an administrator at the terminal
}

// Find returns an account and its holdings, or NotFound.
func (s *Accounts) Find(ctx context.Context, actor access.Actor, id int64) (Account, Holdings, error) {
	if err := actor.Check(access.Accounts.View()); err != nil {
		return Account{}, Holdings{}, err
	}
	return s.store.FindAccount(ctx, id)
}

// FindNamed returns the account of that username after normalization, as the
// table compares names, or NotFound.
func (s *Accounts) FindNamed(ctx context.Context, actor access.Actor, username string) (Account, error) {
	if err := actor.Check(access.Accounts.View()); err != nil {
		return Account{}, err
	}
	return s.store.FindAccountNamed(ctx, NormalizeUsername(username))
}

// List returns up to limit accounts that match q, by username, after skipping
// offset, and the total number of matches.
func (s *Accounts) List(ctx context.Context, actor access.Actor, q AccountQuery, offset int64, limit int) (accounts []Account, total int64, err error) {
	if err := actor.Check(access.Accounts.View()); err != nil {
		return nil, 0, err
	}
	if total, err = s.store.CountAccounts(ctx, q); err != nil {
		return nil, 0, err
	}
	accounts, err = s.store.ListAccounts(ctx, q, offset, limit)
	return accounts, total, err
}

// Some returns up to limit accounts that match q, by username, without counting.
func (s *Accounts) Some(ctx context.Context, actor access.Actor, q AccountQuery, limit int) ([]Account, error) {
	if err := actor.Check(access.Accounts.View()); err != nil {
		return nil, err
	}
	return s.store.ListAccounts(ctx, q, 0, limit)
}

// Explain explains why an account holds a permission, or returns NotFound.
func (s *Accounts) Explain(ctx context.Context, actor access.Actor, id int64, p access.Permission) (Explanation, error) {
	a, h, err := s.Find(ctx, actor, id)
	if err != nil {
		return Explanation{}, err
	}
	return explain(a, h, p), nil
}

// Weaknesses returns why an account with these texts may not use the password;
// none if it may.
func (s *Accounts) Weaknesses(text secret.Text, about AccountChange) []Weakness {
	return s.validators.Check(text, about.apply(Account{}).attributes())
}

// PasswordHelp returns a sentence for each password rule.
func (s *Accounts) PasswordHelp() []string { return s.validators.Help() }

// Expecting returns a copy of the service for a caller who has seen an account
// and its holdings in that version: changes of any other version return
// Outdated.
func (s *Accounts) Expecting(version string) *Accounts {
	same := *s
	same.expected = &version
	return &same
}

// Create adds an account. Invalid input returns an Invalid error with all field
// errors, worded like Django's forms.
func (s *Accounts) Create(ctx context.Context, actor access.Actor, change AccountChange, pw NewPassword) (Account, error) {
	if err := actor.Check(access.Accounts.Add()); err != nil {
		return Account{}, err
	}
	return s.create(ctx, actor, change, pw, func(Tx, int64) error { return nil })
}

// create adds an account if check, called with its id in the same transaction,
// returns nil.
func (s *Accounts) create(ctx context.Context, actor access.Actor, change AccountChange, pw NewPassword, check func(Tx, int64) error) (Account, error) {
	after := change.apply(Account{IsActive: true})
	faults := after.faults()
	faults = append(faults, s.passwordFaults(pw, after)...)
	var err error
	if after.Password, err = s.hash(ctx, actor, pw.Text, len(faults) > 0); err != nil {
		return Account{}, err
	}
	err = s.write(ctx, func(tx Tx) error {
		after.DateJoined = stamp(s.now())
		e := edit{tx: tx, deed: deed{after.DateJoined, actor}, after: after, faults: slices.Clone(faults)}
		if err := e.insert(change); err != nil {
			return err
		}
		after.ID = e.after.ID
		return check(tx, after.ID)
	})
	if err != nil {
		return Account{}, err
	}
	s.log.InfoContext(ctx, "account created", "id", after.ID, "actor", actor.Name())
	return after, nil
}

// Update changes an account. It returns NotFound; Invalid as for Create; or
// Conflict if the last active superuser would be lost. A change without effect
// is not recorded.
func (s *Accounts) Update(ctx context.Context, actor access.Actor, id int64, change AccountChange) (Account, error) {
	if err := actor.Check(access.Accounts.Change()); err != nil {
		return Account{}, err
	}
	var after Account
	err := s.write(ctx, func(tx Tx) error {
		e, err := s.edit(tx, actor, id)
		if err != nil {
			return err
		}
		e.after = change.apply(e.before)
		e.faults = e.after.faults()
		err = e.update(change)
		after = e.after
		return err
	})
	if err != nil {
		return Account{}, err
	}
	s.log.InfoContext(ctx, "account updated", "id", id, "actor", actor.Name())
	return after, nil
}

// SetPassword sets an account's password and ends its sessions except keep, 0
// for none.
func (s *Accounts) SetPassword(ctx context.Context, actor access.Actor, id int64, pw NewPassword, keep int64) error {
	if actor.ID() != id || id == 0 {
		if err := actor.Check(access.Accounts.Change()); err != nil {
			return err
		}
	}
	before, held, err := s.store.FindAccount(ctx, id)
	if err != nil {
		return err
	}
	// The transaction checks again. Checking here too prevents those without
	// permission from learning what the validators say, or causing a hash.
	if err := firstError(CheckReach(actor, before, held), s.passwordFaults(pw, before).Err()); err != nil {
		return err
	}
	hash, err := s.hash(ctx, actor, pw.Text, false)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(tx Tx) error {
		e, err := s.edit(tx, actor, id)
		if err != nil {
			return err
		}
		e.after = e.before
		e.after.Password = hash
		return e.savePassword(keep)
	})
	if err == nil {
		s.log.InfoContext(ctx, "password changed", "id", id, "actor", actor.Name())
	}
	return err
}

// Delete deletes an account. It returns NotFound, or Conflict for the last
// active superuser.
func (s *Accounts) Delete(ctx context.Context, actor access.Actor, id int64) error {
	if err := actor.Check(access.Accounts.Delete()); err != nil {
		return err
	}
	err := s.write(ctx, func(tx Tx) error {
		e, err := s.edit(tx, actor, id)
		if err != nil {
			return err
		}
		if err := e.keepSuperuser(); err != nil {
			return err
		}
		if err := tx.DeleteAccount(id); err != nil {
			return err
		}
		return tx.Record(e.entry(audit.Delete, e.before.Object(), difference(e.before.fields(e.held), nil)))
	})
	if err == nil {
		s.log.InfoContext(ctx, "account deleted", "id", id, "actor", actor.Name())
	}
	return err
}

// edit loads an account that the actor is about to change.
func (s *Accounts) edit(tx Tx, actor access.Actor, id int64) (*edit, error) {
	before, held, err := tx.FindAccount(id)
	if err != nil {
		return nil, err
	}
	if s.expected != nil && *s.expected != before.Version(held) {
		return nil, errOutdated
	}
	e := &edit{tx: tx, deed: deed{stamp(s.now()), actor}, before: before, held: held}
	return e, CheckReach(actor, before, held)
}

// passwordFaults returns the errors of Django's forms for a password.
func (s *Accounts) passwordFaults(pw NewPassword, a Account) (found fault.Fields) {
	switch {
	case pw.Again != nil && pw.Text.IsEmpty():
		found.Add("password", "This field is required.")
	case pw.Again != nil && pw.Text.Reveal() != pw.Again.Reveal():
		found.Add("password_again", "The two password fields didn’t match.")
	case !pw.Trusted && !pw.Text.IsEmpty():
		found.Add("password", s.weak(pw.Text, a)...)
	}
	return found
}

func (s *Accounts) weak(text secret.Text, a Account) (messages []string) {
	for _, w := range s.validators.Check(text, a.attributes()) {
		messages = append(messages, w.Message)
	}
	return messages
}

// The form of an unusable hash in Django's make_password: a prefix, and a text of
// that length.
const (
	unusablePrefix = "!"
	unusableLength = 40
)

// hash returns the encoded hash of a password. Without a password, or if it
// will not be stored, it returns one that no password matches.
func (s *Accounts) hash(ctx context.Context, actor access.Actor, text secret.Text, refused bool) (secret.Text, error) {
	if refused || text.IsEmpty() {
		return unusable(), nil
	}
	encoded, err := s.limiter.Hash(ctx, clientOf(actor.Origin()), text)
	return secret.New(encoded), err
}

// unusable returns a hash that no password matches, as Django's make_password.
func unusable() secret.Text {
	return secret.New(unusablePrefix + (rand.Text() + rand.Text())[:unusableLength])
}

// HasPassword reports whether a password can log in to the account.
func (a Account) HasPassword() bool {
	return a.Password.Reveal() != "" && !strings.HasPrefix(a.Password.Reveal(), unusablePrefix)
}

// write runs fn in a transaction, see the function write.
func (s *Accounts) write(ctx context.Context, fn func(Tx) error) error {
	return write(ctx, s.store, fn)
}

// write runs fn in a transaction, and retries once if a unique key was violated
// although the check had found the name free: another request was faster, and
// the second check reports it for the right field. It does not stop when ctx is
// canceled.
func write(ctx context.Context, store Store, fn func(Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	err := store.InAuthTx(ctx, fn)
	if fault.KindOf(err) == fault.Conflict && !errors.Is(err, errLastSuperuser) {
		return store.InAuthTx(ctx, fn)
	}
	return err
}

// stamp returns a time as it is stored.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
