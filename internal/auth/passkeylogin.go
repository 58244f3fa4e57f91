package auth

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth/passkey"
	"roster/internal/fault"
)

// ErrBadPasskey is returned for a passkey that is unknown, was not verified, or
// whose account may not log in.
var ErrBadPasskey = fault.New(fault.Invalid, "This passkey cannot be used to log in here.")

// ErrClonedPasskey is returned if the passkey's signature counter went back.
var ErrClonedPasskey = fault.New(fault.Invalid, "This passkey was refused because it may have been copied. Log in another way, and remove it.")

// PasskeyLogin is a login with a passkey.
type PasskeyLogin struct {
	PasskeyAnswer

	Browser   string // to which the challenge belongs; see OfferLogin
	Token     Token  // of the login that needs a code, or of the browser's previous session
	Origin    access.Origin
	UserAgent string
	Device    string // as in LoginRequest
}

// OfferLogin asks an anonymous browser for a passkey, which must verify its
// owner. browser is a secret text that only this browser has.
func (p *Passkeys) OfferLogin(site passkey.Site, browser string) (PasskeyOffer, error) {
	return p.offer(site, "browser:"+browser, nil, true)
}

// offer asks for one of the allowed credentials, or any if there are none. The
// offer is zero without SECRET_KEY.
func (p *Passkeys) offer(site passkey.Site, browser string, allowed []passkey.Credential, verify bool) (PasskeyOffer, error) {
	c := p.newChallenge(browser, nil)
	if c.mac == "" {
		return PasskeyOffer{}, nil
	}
	options, err := site.Request(allowed, c.mac, verify)
	return PasskeyOffer{options, c.String()}, err
}

// OfferOwn asks for a passkey of the session's account: as its second factor, or
// with verify to confirm a sensitive action. The offer is zero if the account
// has none at the site.
func (p *Passkeys) OfferOwn(ctx context.Context, in SignedIn, site passkey.Site, verify bool) (PasskeyOffer, error) {
	own, err := p.store.ListPasskeys(ctx, in.Account.ID)
	if err != nil {
		return PasskeyOffer{}, err
	}
	here := credentialsAt(site, own)
	if len(here) == 0 {
		return PasskeyOffer{}, nil
	}
	return p.offer(site, in.browser(), here, verify)
}

// LogIn starts a session with a passkey alone. It returns ErrBadPasskey,
// ErrClonedPasskey, or an error of the throttle.
func (p *Passkeys) LogIn(ctx context.Context, r PasskeyLogin) (login Login, err error) {
	defer func() { p.tried(StepPasskey, err) }()
	u := usage{answer: r.PasskeyAnswer, browser: "browser:" + r.Browser, verify: true, origin: r.Origin}
	login.Token = NewToken()
	var a Account
	err = p.use(ctx, u, func(_ Passkey, a Account) Attempt { return p.attempt(a, "", r.Device, r.Origin) },
		func(tx Tx, k Passkey) (err error) {
			a, err = p.admit(tx, r, k, login.Token)
			return err
		})
	if err != nil {
		return Login{}, err
	}
	login.Device = p.remember(r.Device, a)
	p.Log.InfoContext(ctx, "logged in with a passkey", "id", a.ID)
	return login, nil
}

// admit stores the session of a verified passkey.
func (p *Passkeys) admit(tx Tx, r PasskeyLogin, k Passkey, token Token) (Account, error) {
	a, _, err := tx.FindAccount(k.Account)
	if err != nil {
		return a, err
	}
	if err := p.end(tx, r.Token, r.Origin); err != nil {
		return a, err
	}
	session := Session{
		Account: a.ID, Mark: markOf(a), ConfirmedAt: stamp(p.Now()), Address: r.Origin.Address, UserAgent: shown(r.UserAgent),
	}
	_, known := p.knownDevice(r.Device, a)
	return a, p.welcome(tx, a, session, token, arrival{r.Origin, k.Name, known})
}

// EnterPasskey completes a login that needs a code with a passkey of the
// account, like EnterCode.
func (p *Passkeys) EnterPasskey(ctx context.Context, r PasskeyLogin) (login Login, err error) {
	defer func() { p.tried(StepPasskey, err) }()
	in, err := p.Authenticate(ctx, r.Token)
	if err != nil || !in.Session.NeedsCode {
		return Login{}, firstError(err, errNoSession)
	}
	u := usage{answer: r.PasskeyAnswer, browser: in.browser(), account: in.Account.ID, origin: r.Origin}
	login.Token = NewToken()
	err = p.use(ctx, u, func(Passkey, Account) Attempt { return p.attempt(in.Account, in.Account.Username, r.Device, r.Origin) },
		func(tx Tx, k Passkey) error {
			a, session, err := p.half(tx, r.Token, in.Account.ID)
			if err != nil {
				return err
			}
			_, known := p.knownDevice(r.Device, a)
			return p.finish(tx, a, session, login.Token, arrival{r.Origin, k.Name, known})
		})
	if err != nil {
		return Login{}, err
	}
	login.Device = p.remember(r.Device, in.Account)
	return login, nil
}

// Confirm records that a passkey of the session's account has verified its
// owner, like Sessions.Confirm.
func (p *Passkeys) Confirm(ctx context.Context, in SignedIn, answer PasskeyAnswer, from access.Origin) error {
	if in.Session.NeedsCode {
		return errNoSession
	}
	u := usage{answer: answer, browser: in.browser(), account: in.Account.ID, verify: true, origin: from}
	used := in.Session.seen(stamp(p.Now()))
	used.ConfirmedAt = used.SeenAt
	return p.use(ctx, u, func(Passkey, Account) Attempt { return in.ownAttempt() }, func(tx Tx, _ Passkey) error {
		return firstError(tx.UpdateSession(used), succeed(tx, in.Account))
	})
}

// usage is a use of a passkey to verify.
type usage struct {
	answer  PasskeyAnswer
	browser string
	account int64 // of which it must be, 0 for any
	verify  bool  // the owner must be verified
	origin  access.Origin

	challenge challenge         // of the answer
	signed    passkey.Assertion // of the answer
}

// use verifies a use under the throttle, and calls accept in the transaction
// that stores it.
func (p *Passkeys) use(ctx context.Context, u usage, attempt func(Passkey, Account) Attempt, accept func(Tx, Passkey) error) error {
	var err error
	if u.challenge, err = p.parseChallenge(u.answer.Challenge, u.browser); err != nil {
		return err
	}
	if u.signed, err = passkey.ParseAssertion(u.answer.Credential); err != nil {
		return fmt.Errorf("%w: %w", ErrBadPasskey, err)
	}
	k, a, err := p.findOwner(ctx, u.signed)
	if err != nil {
		return err
	}
	permit, err := p.Throttle.Take(ctx, attempt(k, a))
	if err != nil {
		return err
	}
	if err = p.spend(ctx, u.challenge); err == nil {
		err = p.verifyUse(ctx, u, k, accept)
	}
	if fault.KindOf(err) == fault.Invalid && !errors.Is(err, errStale) {
		p.refused(ctx, a, k, u.origin, err)
		return err
	}
	p.giveBack(ctx, permit)
	return err
}

// findOwner returns the passkey of an assertion and its account, zero for
// unknown ones.
func (p *Passkeys) findOwner(ctx context.Context, signed passkey.Assertion) (k Passkey, a Account, err error) {
	k, err = p.store.FindPasskey(ctx, signed.CredentialID())
	if err == nil {
		a, _, err = p.store.FindAccount(ctx, k.Account)
	}
	if fault.KindOf(err) == fault.NotFound {
		return Passkey{}, Account{}, nil
	}
	return k, a, err
}

// verifyUse verifies and stores a use in one transaction, so that of two
// concurrent uses with one counter the second is refused.
func (p *Passkeys) verifyUse(ctx context.Context, u usage, found Passkey, accept func(Tx, Passkey) error) error {
	if found.ID == 0 || found.Site != u.answer.Site.ID || u.account != 0 && found.Account != u.account {
		return ErrBadPasskey
	}
	return write(ctx, p.store, func(tx Tx) error {
		a, _, err := tx.FindAccount(found.Account)
		var k Passkey
		if err == nil {
			k, err = tx.FindPasskey(u.signed.CredentialID())
		}
		switch {
		case fault.KindOf(err) == fault.NotFound, err == nil && !a.mayLogIn():
			return ErrBadPasskey
		case err != nil:
			return err
		}
		k.Credential, err = u.answer.Site.Verify(u.signed, k.Credential, u.challenge.mac, u.verify)
		switch {
		case errors.Is(err, passkey.ErrCloned):
			return ErrClonedPasskey
		case err != nil:
			return fmt.Errorf("%w: %w", ErrBadPasskey, err)
		}
		k.UsedAt = stamp(p.Now())
		return firstError(tx.UpdatePasskey(k), accept(tx, k))
	})
}

// refused records a refused passkey as a failed login, by name if it may have
// been copied.
func (p *Passkeys) refused(ctx context.Context, a Account, k Passkey, from access.Origin, err error) {
	var changes []audit.Change
	if errors.Is(err, ErrClonedPasskey) {
		changes = []audit.Change{{Field: "cloned_passkey", New: k.Name}}
	}
	p.Log.WarnContext(ctx, "a passkey was refused", "id", a.ID, "cause", err)
	p.recordFailure(ctx, a, from, changes...)
}

// browser identifies the browser of the session.
func (s SignedIn) browser() string { return "session:" + strconv.FormatInt(s.Session.ID, 10) }

// ownAttempt is an attempt in an open session, which strangers cannot lock out.
func (s SignedIn) ownAttempt() Attempt {
	return Attempt{Name: s.Account.Username, Account: s.Account.ID, Own: s.browser()}
}

// mayChangeFactors returns why the session may not change the factors of its
// account, nil if it may.
func (s SignedIn) mayChangeFactors(now time.Time) error {
	switch {
	case s.Session.NeedsCode:
		return errNoSession
	case !s.Confirmed(now):
		return errConfirmFirst
	}
	return nil
}
