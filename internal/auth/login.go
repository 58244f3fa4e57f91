package auth

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/secret"
)

// ErrBadLogin is returned for a wrong password, an unknown name and an account
// that may not log in, worded like Django's AdminAuthenticationForm.
var ErrBadLogin = fault.New(fault.Invalid, "Please enter the correct username and password for a staff account."+
	" Note that both fields may be case-sensitive.")

// ErrBadCode is returned for a wrong code of the second factor.
var ErrBadCode = fault.New(fault.Invalid, "This code is wrong or was already used.")

// codeLife is how long after the password the code is accepted.
const codeLife = 10 * time.Minute

// failureRate limits audit entries about failed logins, per account and for all
// unknown accounts together: anyone can cause them, with any number of names.
var failureRate = Rate{100, time.Hour}

// LoginRequest is a login attempt.
type LoginRequest struct {
	Username  string
	Password  secret.Text
	Origin    access.Origin
	UserAgent string
	Former    Token  // token of the browser's previous session, which ends; zero for none
	Device    string // Login.Device of the browser's last login, or any text

	known bool // Device is known to the account
}

// Login is a new session.
type Login struct {
	Token     Token
	NeedsCode bool // EnterCode must follow within ten minutes
	// Device is for the browser to keep, up to DeviceLife, and to send with its
	// next login. It is "" if NeedsCode is set.
	Device string
}

// LogIn starts a session for a staff account. The package documentation lists
// its steps. It returns ErrBadLogin, or an error of the throttle or the
// limiter.
func (s *Sessions) LogIn(ctx context.Context, r LoginRequest) (login Login, err error) {
	defer func() { s.tried(StepPassword, err) }()
	p, err := s.enterPassword(ctx, r)
	if err != nil {
		return Login{}, err
	}
	login = Login{Token: NewToken()}
	err = write(ctx, s.store, func(tx Tx) (err error) {
		login.NeedsCode, err = s.begin(tx, p, Session{}, login.Token)
		return err
	})
	if err != nil {
		return Login{}, err
	}
	if !login.NeedsCode {
		login.Device = s.remember(r.Device, p.renewed)
	}
	s.Log.InfoContext(ctx, "logged in", "id", p.account.ID, "needs_code", login.NeedsCode)
	return login, nil
}

// entered is a correct password.
type entered struct {
	LoginRequest

	account Account // when the password was verified
	renewed Account // with a new hash, if the former one was outdated
}

// enterPassword verifies the password of a login.
func (s *Sessions) enterPassword(ctx context.Context, r LoginRequest) (entered, error) {
	a, err := s.find(ctx, r.Username)
	if err != nil {
		return entered{}, err
	}
	a, outdated, err := s.verify(ctx, claim{a, r.Password, s.attempt(a, r.Username, r.Device, r.Origin), r.Origin})
	if err != nil {
		return entered{}, err
	}
	p := entered{r, a, a}
	if outdated {
		encoded, err := s.Limiter.Hash(ctx, clientOf(r.Origin), r.Password)
		if err != nil {
			return entered{}, err
		}
		p.renewed.Password = secret.New(encoded)
	}
	return p, nil
}

// Confirm records that the password was entered again in the session.
func (s *Sessions) Confirm(ctx context.Context, in SignedIn, pw secret.Text, from access.Origin) error {
	if in.Session.NeedsCode {
		return errNoSession // must not outlive the time for the code
	}
	if _, _, err := s.verify(ctx, claim{in.Account, pw, in.ownAttempt(), from}); err != nil {
		return err
	}
	used := in.Session.seen(stamp(s.Now()))
	used.ConfirmedAt = used.SeenAt
	return write(ctx, s.store, func(tx Tx) error { return firstError(tx.UpdateSession(used), succeed(tx, in.Account)) })
}

// CodeRequest is a code entered after the password.
type CodeRequest struct {
	Token  Token  // of the login
	Code   string // from the authenticator app, or a recovery code
	Origin access.Origin
	Device string // as in LoginRequest
}

// EnterCode completes the login of the token. The returned token replaces the
// previous one. It returns ErrBadCode, Unauthenticated if the login has expired,
// or an error of the throttle.
func (s *Sessions) EnterCode(ctx context.Context, r CodeRequest) (login Login, err error) {
	defer func() { s.tried(StepCode, err) }()
	in, err := s.Authenticate(ctx, r.Token)
	if err != nil || !in.Session.NeedsCode {
		return Login{}, firstError(err, errNoSession)
	}
	permit, err := s.Throttle.Take(ctx, s.attempt(in.Account, in.Account.Username, r.Device, r.Origin))
	if err != nil {
		return Login{}, err
	}
	login.Token = NewToken()
	err = write(ctx, s.store, func(tx Tx) error { return s.complete(tx, r, in.Account.ID, login.Token) })
	if err != nil {
		if fault.KindOf(err) == fault.Invalid {
			s.recordFailure(ctx, in.Account, r.Origin)
		} else {
			s.giveBack(ctx, permit) // no code was verified
		}
		return Login{}, err
	}
	s.giveBack(ctx, permit)
	login.Device = s.remember(r.Device, in.Account)
	return login, nil
}

// find returns the account of a name as typed, the zero Account if there is none.
func (s *Sessions) find(ctx context.Context, username string) (Account, error) {
	name := NormalizeUsername(username)
	if utf8.RuneCountInString(name) > maxName || !utf8.ValidString(name) {
		return Account{}, nil
	}
	a, err := s.store.FindAccountNamed(ctx, name)
	if fault.KindOf(err) == fault.NotFound {
		return Account{}, nil
	}
	return a, err
}

// attempt returns the attempt of a browser at an account, the zero Account for
// an unknown name.
func (s *Sessions) attempt(a Account, typed, deviceText string, from access.Origin) Attempt {
	attempt := Attempt{Name: typed, Account: a.ID, Address: addressOf(from)}
	if a.ID != 0 {
		attempt.Name = a.Username
	}
	if d, ok := s.knownDevice(deviceText, a); ok {
		attempt.Own = d.key()
	}
	return attempt
}

// claim is a password to verify.
type claim struct {
	account  Account // zero for an unknown name
	password secret.Text
	attempt  Attempt
	from     access.Origin
}

// verify returns the account if the password is right.
func (s *Sessions) verify(ctx context.Context, c claim) (a Account, outdated bool, err error) {
	permit, err := s.Throttle.Take(ctx, c.attempt)
	if err != nil {
		return Account{}, false, err
	}
	encoded := ""
	if c.account.mayLogIn() {
		encoded = c.account.Password.Reveal()
	}
	ok, outdated, err := s.Limiter.Verify(ctx, clientOf(c.from), encoded, c.password)
	switch {
	case fault.KindOf(err) == fault.Unavailable, ctx.Err() != nil:
		s.giveBack(ctx, permit)
		return Account{}, false, firstError(err, ctx.Err())
	case err != nil:
		s.Log.ErrorContext(ctx, "a stored password cannot be read", "id", c.account.ID, "cause", err)
	}
	if !ok {
		s.recordFailure(ctx, c.account, c.from)
		return Account{}, false, ErrBadLogin
	}
	s.giveBack(ctx, permit)
	return c.account, outdated, nil
}

// succeed resets the failures of an account after a complete login.
func succeed(tx Tx, a Account) error {
	_, err := tx.DropCounter(failuresKey(a.ID, a.Username))
	return err
}

func (s *Sessions) giveBack(ctx context.Context, p Permit) {
	if err := s.Throttle.GiveBack(context.WithoutCancel(ctx), p); err != nil {
		s.Log.WarnContext(ctx, "a successful login is counted as failed", "cause", err)
	}
}

// recordFailure records a failed login. The name that was typed is not stored,
// because it is sometimes a password.
func (s *Sessions) recordFailure(ctx context.Context, a Account, from access.Origin, changes ...audit.Change) {
	ctx = context.WithoutCancel(ctx)
	now := stamp(s.Now())
	// Existing and unknown accounts take the same steps, and the same time.
	wait, err := s.Failures.Take(ctx, now, Use{Key: "failures:" + strconv.FormatInt(a.ID, 10), Rate: failureRate})
	if wait > 0 || err != nil {
		return
	}
	entry := deed{now, access.Actor{}.From(from)}.entry(audit.LoginFailed, a.Object(), changes)
	if err := s.store.InAuthTx(ctx, func(tx Tx) error { return tx.Record(entry) }); err != nil {
		s.Log.ErrorContext(ctx, "a failed login could not be recorded", "cause", err)
	}
	s.Log.WarnContext(ctx, "login failed", "id", a.ID, "address", from.Address)
}

// begin stores the session after a correct password, unless the account has
// changed in the meantime.
func (s *Sessions) begin(tx Tx, p entered, session Session, token Token) (needsCode bool, err error) {
	a, _, err := tx.FindAccount(p.account.ID)
	if err != nil || !a.mayLogIn() || markOf(a) != markOf(p.account) {
		return false, firstError(err, ErrBadLogin)
	}
	_, p.known = s.knownDevice(p.Device, a)
	a.Password = p.renewed.Password
	if err := tx.Remark(a.ID, markOf(p.account), markOf(a)); err != nil {
		return false, err
	}
	session.ConfirmedAt = stamp(s.Now())
	return s.open(tx, p.LoginRequest, a, session, token)
}

// open stores a new session of an account, and ends the browser's former one. The
// session says how it was begun.
func (s *Sessions) open(tx Tx, r LoginRequest, a Account, session Session, token Token) (needsCode bool, err error) {
	if err := s.end(tx, r.Former, r.Origin); err != nil {
		return false, err
	}
	if needsCode, err = hasFactor(tx, a.ID); err != nil {
		return false, err
	}
	now := stamp(s.Now())
	session.Account, session.Mark, session.CreatedAt = a.ID, markOf(a), now
	session.Address, session.UserAgent = r.Origin.Address, shown(r.UserAgent)
	session.NeedsCode = needsCode && !session.MFA
	session = session.seen(now)
	if session.NeedsCode {
		session.EndsAt = now.Add(codeLife)
		return true, firstError(tx.UpdateAccount(a), tx.InsertSession(token.Digest(), session))
	}
	return false, s.welcome(tx, a, session, token, arrival{from: r.Origin, known: r.known})
}

// arrival is how someone logged in.
type arrival struct {
	from  access.Origin
	key   string // the name of the passkey, "" for none
	known bool   // the browser is known to the account
}

// credential is what began the session.
func (a arrival) credential(session Session) access.Credential {
	switch {
	case session.Identity != 0:
		return access.Credential{Kind: access.Provider}
	case a.key != "":
		return access.Credential{Kind: access.Passkey}
	}
	return access.Credential{Kind: access.Password}
}

// recordLogin records a complete login, with the provider that vouched for it,
// the passkey, and a new device. a is the account before the login.
func (s *Sessions) recordLogin(tx Tx, a Account, session Session, how arrival) error {
	var changes []audit.Change
	isNew, err := s.isNew(tx, a, session, how.known)
	if err != nil {
		return err
	}
	if isNew {
		changes = append(changes, audit.Change{Field: "new_device", New: session.UserAgent})
	}
	if session.Identity != 0 {
		identity, err := tx.FindIdentityByID(session.Identity)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		changes = append(changes, audit.Change{Field: "provider", New: identity.Issuer})
	}
	if how.key != "" {
		changes = append(changes, audit.Change{Field: "passkey", New: how.key})
	}
	d := deed{stamp(s.Now()), actorOf(a, nil).From(how.from).By(how.credential(session))}
	return tx.Record(d.entry(audit.Login, a.Object(), changes))
}

// complete replaces a session that needs a code by a complete one.
func (s *Sessions) complete(tx Tx, r CodeRequest, account int64, next Token) error {
	a, session, err := s.half(tx, r.Token, account)
	if err != nil {
		return err
	}
	factor, err := findFactor(tx, a.ID)
	if err != nil {
		return err
	}
	factor, err, cause := factor.accept(s.Keys, a.ID, r.Code, stamp(s.Now()))
	if cause != nil {
		s.Log.Error("codes of an authenticator app cannot be verified", "id", a.ID, "cause", cause)
	}
	if err != nil {
		return err
	}
	_, known := s.knownDevice(r.Device, a)
	return firstError(tx.SaveFactor(a.ID, factor), s.finish(tx, a, session, next, arrival{from: r.Origin, known: known}))
}

// half returns the session of a token that needs a code, and its account.
func (s *Sessions) half(tx Tx, token Token, account int64) (a Account, session Session, err error) {
	session, err = tx.FindSession(token.Digest())
	switch {
	case fault.KindOf(err) == fault.NotFound, err == nil && !session.NeedsCode:
		return a, session, errNoSession // another request was faster
	case err != nil:
		return a, session, err
	}
	a, _, err = tx.FindAccount(account)
	if err != nil || !a.mayLogIn() || session.Mark != markOf(a) {
		return a, session, firstError(err, errNoSession) // changed since the token was looked up
	}
	return a, session, nil
}

// finish replaces a session that needs a code by a complete one.
func (s *Sessions) finish(tx Tx, a Account, session Session, next Token, how arrival) error {
	if _, err := tx.DeleteSessions(a.ID, SessionChoice{Only: session.ID}); err != nil {
		return err
	}
	session.NeedsCode = false
	return s.welcome(tx, a, session, next, how)
}

// welcome stores a complete session that begins now.
func (s *Sessions) welcome(tx Tx, a Account, session Session, token Token, how arrival) error {
	session.CreatedAt = stamp(s.Now())
	if err := firstError(tx.InsertSession(token.Digest(), session.seen(session.CreatedAt)), s.recordLogin(tx, a, session, how)); err != nil {
		return err
	}
	a.LastLogin = session.CreatedAt
	return firstError(tx.UpdateAccount(a), succeed(tx, a))
}

// addressOf returns the client's address, invalid if unknown.
func addressOf(from access.Origin) netip.Addr { return parseAddress(from.Address) }

func parseAddress(text string) netip.Addr {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return address
}

// clientOf returns what the limiter knows a client by: its address, or the /64
// network of which an IPv6 client may use any address; "" if unknown.
func clientOf(from access.Origin) string {
	address := addressOf(from)
	if !address.IsValid() || address.Is4() {
		return from.Address
	}
	return netip.PrefixFrom(address, 64).Masked().String()
}

// shown returns an external text in a form that can be stored and shown.
func shown(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), maxUserAgent)], "")
}
