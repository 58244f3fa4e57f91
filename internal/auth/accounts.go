package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth/password"
	"roster/internal/fault"
	"roster/internal/secret"
)

// Accounts is what can be done with staff accounts. Every method checks the
// actor, who can neither grant what they do not hold nor change an account that
// holds more than they do. Every change leaves an entry in the audit trail. It
// is safe for concurrent use.
type Accounts struct {
	store      Store
	limiter    *password.Limiter
	validators *Validators
	now        func() time.Time
	log        *slog.Logger
	expected   *string // the version of the account to change, nil for any
}

// NewAccounts returns the service on that store. Passwords are hashed by
// limiter; now is the clock; log is told of every change, without personal data.
func NewAccounts(store Store, limiter *password.Limiter, validators *Validators, now func() time.Time, log *slog.Logger) *Accounts {
	return &Accounts{store: store, limiter: limiter, validators: validators, now: now, log: log}
}

// NewPassword is the password that an account is to have.
type NewPassword struct {
	Text    secret.Text  // empty: no password will do
	Again   *secret.Text // what was typed the second time: Text must be there, and the same; nil where it is typed once
	Trusted bool         // the validators are not asked, for an administrator at the terminal
}

// Find returns one account and what it was given: NotFound when there is none.
func (s *Accounts) Find(ctx context.Context, actor access.Actor, id int64) (Account, Holdings, error) {
	if err := actor.Check(access.Accounts.View()); err != nil {
		return Account{}, Holdings{}, err
	}
	return s.store.FindAccount(ctx, id)
}

// FindNamed returns the account of exactly that username, which is normalised
// first: NotFound when there is none.
func (s *Accounts) FindNamed(ctx context.Context, actor access.Actor, username string) (Account, error) {
	if err := actor.Check(access.Accounts.View()); err != nil {
		return Account{}, err
	}
	return s.store.FindAccountNamed(ctx, NormalizeUsername(username))
}

// List returns up to limit of the accounts that q finds, after skipping offset
// of them, and how many it finds in all; ordered by username.
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

// Explain says from where an account holds a permission: NotFound when there is
// no such account.
func (s *Accounts) Explain(ctx context.Context, actor access.Actor, id int64, p access.Permission) (Explanation, error) {
	a, h, err := s.Find(ctx, actor, id)
	if err != nil {
		return Explanation{}, err
	}
	return explain(a, h, p), nil
}

// Weaknesses returns why an account with these texts may not have the password,
// and nothing when it may.
func (s *Accounts) Weaknesses(text secret.Text, about AccountChange) []Weakness {
	return s.validators.Check(text, about.apply(Account{}).attributes())
}

// PasswordHelp returns a sentence on each rule about passwords.
func (s *Accounts) PasswordHelp() []string { return s.validators.Help() }

// Expecting returns the same service for a caller who has seen an account, or
// what it was given, in that version: changes of any other are Outdated.
func (s *Accounts) Expecting(version string) *Accounts {
	same := *s
	same.expected = &version
	return &same
}

// Create adds an account. An invalid input is an Invalid error with every
// field's faults, in the words of Django's forms.
func (s *Accounts) Create(ctx context.Context, actor access.Actor, change AccountChange, pw NewPassword) (Account, error) {
	if err := actor.Check(access.Accounts.Add()); err != nil {
		return Account{}, err
	}
	after := change.apply(Account{IsActive: true})
	faults := after.faults()
	faults = append(faults, s.passwordFaults(pw, after)...)
	var err error
	if after.Password, err = s.hash(ctx, pw.Text, len(faults) > 0); err != nil {
		return Account{}, err
	}
	err = s.write(ctx, func(tx Tx) error {
		after.DateJoined = stamp(s.now())
		e := edit{tx: tx, deed: deed{after.DateJoined, actor}, after: after, faults: slices.Clone(faults)}
		err := e.insert(change)
		after.ID = e.after.ID
		return err
	})
	if err != nil {
		return Account{}, err
	}
	s.log.InfoContext(ctx, "account created", "id", after.ID, "actor", actor.Name())
	return after, nil
}

// Update changes an account: NotFound when there is none, Invalid as for
// Create, Conflict for the last active superuser who would be none. A change
// that changes nothing leaves no trace.
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

// SetPassword gives an account another password and ends its sessions but for
// the one named by keep, 0 for none.
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
	// Checked again in the transaction; here, lest who may not do it learns what
	// the account's validators say, or has a password hashed.
	if err := firstError(checkReach(actor, before, held), s.passwordFaults(pw, before).Err()); err != nil {
		return err
	}
	hash, err := s.hash(ctx, pw.Text, false)
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

// Delete removes an account: NotFound when there is none, Conflict for the last
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

// edit finds an account that the actor is about to change.
func (s *Accounts) edit(tx Tx, actor access.Actor, id int64) (*edit, error) {
	before, held, err := tx.FindAccount(id)
	if err != nil {
		return nil, err
	}
	if s.expected != nil && *s.expected != before.Version(held) {
		return nil, errOutdated
	}
	e := &edit{tx: tx, deed: deed{stamp(s.now()), actor}, before: before, held: held}
	return e, checkReach(actor, before, held)
}

// passwordFaults returns what Django's forms say about the password of an account.
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

// unusableLength is the length of what follows the "!" of an unusable hash in
// Django's make_password.
const unusableLength = 40

// hash returns the encoded hash of a password; without a password, or when it
// will not be stored, one that no password matches.
func (s *Accounts) hash(ctx context.Context, text secret.Text, refused bool) (secret.Text, error) {
	if refused || text.IsEmpty() {
		return secret.New("!" + (rand.Text() + rand.Text())[:unusableLength]), nil
	}
	encoded, err := s.limiter.Hash(ctx, text)
	return secret.New(encoded), err
}

// write runs fn in a transaction, as write does.
func (s *Accounts) write(ctx context.Context, fn func(Tx) error) error {
	return write(ctx, s.store, fn)
}

// write runs fn in a transaction, and once more when a unique key was violated
// although the check had found the name free: somebody else was faster, and the
// second check says so on the right field. A caller who has gone does not stop it.
func write(ctx context.Context, store Store, fn func(Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	err := store.InAuthTx(ctx, fn)
	if fault.KindOf(err) == fault.Conflict && !errors.Is(err, errLastSuperuser) {
		return store.InAuthTx(ctx, fn)
	}
	return err
}

// stamp is a time as it is stored.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
