package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/secret"
)

// BasicKept is how long a verified password is used without hashing it again.
const BasicKept = time.Minute

// The errors of BasicAuth. The first is worded like Django REST Framework's.
var (
	errBadBasic    = fault.New(fault.Unauthenticated, "Invalid username/password.")
	errBasicFactor = fault.New(fault.Denied, "This account has a second factor, which HTTP Basic cannot ask for. Use an API token.")
	errBasicEnrol  = fault.New(fault.Denied, "Staff accounts need a second factor here, which HTTP Basic cannot ask for. Use an API token.")
)

// BasicAuth authenticates requests that each have the username and password of a
// staff account (RFC 7617). It counts failures as Sessions.LogIn does.
//
// A verified password is kept for BasicKept, for the client that sent it: only as
// an HMAC with a random key of this process. A wrong password of the same client
// drops it, because a client may not guess without being counted. Every request
// reads the account, so that another password, a deactivation or a second factor
// counts at once, whichever server changed it. It is safe for concurrent use.
type BasicAuth struct {
	sessions *Sessions
	key      [sha256.Size]byte
	running  singleflight.Group // verifications, by proof

	mu   sync.Mutex
	kept map[string]keptPassword // by username and client; at most maxKept
}

// keptPassword is a password that was right for an account.
type keptPassword struct {
	proof   string // HMAC of username, client and password
	account int64
	mark    string // of the account's hash
	until   time.Time
}

// NewBasicAuth returns the service. It uses the store, throttle and clock of sessions.
func NewBasicAuth(sessions *Sessions) *BasicAuth {
	b := &BasicAuth{sessions: sessions, kept: map[string]keptPassword{}}
	_, _ = rand.Read(b.key[:]) // documented never to fail
	return b
}

// Authenticate returns the actor of an active staff account. It returns
// Unauthenticated for a wrong password, Denied if the account has or needs a
// second factor, or an error of the throttle or the limiter.
func (b *BasicAuth) Authenticate(ctx context.Context, username, password string, from access.Origin) (access.Actor, error) {
	in, err := b.signIn(ctx, username, password, from)
	switch {
	case err != nil:
		return access.Actor{}, err
	case in.HasFactor:
		return access.Actor{}, errBasicFactor
	case b.sessions.RequireTOTP:
		return access.Actor{}, errBasicEnrol
	}
	return actorOf(in.Account, in.Permissions).From(from).By(access.Credential{Kind: access.Basic}), nil
}

// signIn returns the account of a right password.
func (b *BasicAuth) signIn(ctx context.Context, username, password string, from access.Origin) (SignedIn, error) {
	client := clientOf(from)
	who, proof := b.digest(username, client), b.digest(username, client, password)
	if found, ok := b.recall(who, proof); ok {
		in, err := b.current(ctx, found)
		if !errors.Is(err, errBadBasic) {
			return in, err
		}
		b.forget(who)
	}
	// Requests of one client that arrive together share one verification, which
	// continues if the first of them is canceled.
	shared, err, _ := b.running.Do(proof, func() (any, error) {
		if found, ok := b.recall(who, proof); ok {
			return found, nil // another request has just verified it
		}
		found, err := b.verify(context.WithoutCancel(ctx), username, password, from)
		if err == nil {
			found.proof = proof
			b.keep(who, found)
		}
		return found, err
	})
	if err != nil {
		return SignedIn{}, err
	}
	return b.current(ctx, shared.(keptPassword)) //nolint:forcetypeassert // as above
}

// verify hashes a password, within the throttle of logins.
func (b *BasicAuth) verify(ctx context.Context, username, password string, from access.Origin) (found keptPassword, err error) {
	s := b.sessions
	defer func() { s.tried(StepBasic, err) }()
	a, err := s.find(ctx, username)
	if err != nil {
		return found, err
	}
	a, _, err = s.verify(ctx, claim{a, secret.New(password), s.attempt(a, username, "", from), from})
	if errors.Is(err, ErrBadLogin) {
		err = errBadBasic
	}
	if err != nil {
		return found, err
	}
	found = keptPassword{account: a.ID, mark: markOf(a), until: s.Now().Add(BasicKept)}
	in, err := b.current(ctx, found)
	if err == nil && !in.HasFactor {
		err = write(ctx, s.store, func(tx Tx) error { return firstError(succeed(tx, a), s.recordBasic(tx, a, from)) })
	}
	return found, err
}

// recordBasic records a password that a client sent for the first time, as a login
// on a new device. Others are not recorded: every request has one.
func (s *Sessions) recordBasic(tx Tx, a Account, from access.Origin) error {
	client := Session{UserAgent: string(access.Basic), Address: from.Address}
	isNew, err := s.isNew(tx, a, client, false)
	if err != nil || !isNew {
		return err
	}
	d := deed{stamp(s.Now()), actorOf(a, nil).From(from).By(access.Credential{Kind: access.Basic})}
	return tx.Record(d.entry(audit.Login, a.Object(), []audit.Change{{Field: "new_device", New: client.UserAgent}}))
}

// current returns the account of a kept password, or errBadBasic if the account
// has changed so that the password no longer counts.
func (b *BasicAuth) current(ctx context.Context, found keptPassword) (SignedIn, error) {
	in, err := b.sessions.store.FindSignedIn(ctx, found.account)
	if fault.KindOf(err) == fault.NotFound || err == nil && (!in.Account.mayLogIn() || markOf(in.Account) != found.mark) {
		err = errBadBasic
	}
	return in, err
}

// recall returns a kept password that has not expired. It drops another password
// of the same username and client.
func (b *BasicAuth) recall(who, proof string) (keptPassword, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	found, ok := b.kept[who]
	if !ok {
		return found, false
	}
	if !hmac.Equal([]byte(found.proof), []byte(proof)) || !b.sessions.Now().Before(found.until) {
		delete(b.kept, who)
		return found, false
	}
	return found, true
}

func (b *BasicAuth) keep(who string, found keptPassword) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.kept) >= maxKept {
		clear(b.kept)
	}
	b.kept[who] = found
}

func (b *BasicAuth) forget(who string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.kept, who)
}

// digest returns the HMAC of texts under the key of this process.
func (b *BasicAuth) digest(texts ...string) string {
	mac := hmac.New(sha256.New, b.key[:])
	for _, text := range texts {
		sum := sha256.Sum256([]byte(text)) // of one length, so that texts cannot run into each other
		mac.Write(sum[:])
	}
	return string(mac.Sum(nil))
}
