package auth

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
)

// UnlockLife is how long a link to unlock a login is valid.
const UnlockLife = time.Hour

// The limits of mails with such a link: per account and per address.
var (
	unlockRate        = Rate{5, time.Hour}
	unlockAddressRate = Rate{20, time.Hour}
)

// ErrBadUnlock is returned for a link that has expired, or whose account has
// logged in or changed its password since.
var ErrBadUnlock = fault.New(fault.Invalid, "This link has expired or was already used. Request another one.")

// LoginState is the state of the throttle for an account.
type LoginState struct {
	Failed int64 // failed logins since the last successful one
	Locked bool  // only known browsers and open sessions may enter the password
}

// LoginState returns the state of the throttle for an account.
func (s *Sessions) LoginState(ctx context.Context, actor access.Actor, a Account) (state LoginState, err error) {
	if err := actor.Check(access.Accounts.View()); err != nil {
		return state, err
	}
	now := s.Now()
	if state.Failed, err = s.store.CountUses(ctx, failuresKey(a.ID, a.Username), now); err != nil {
		return state, err
	}
	recent, err := s.store.CountUses(ctx, accountKey(a.Username), now)
	state.Locked = state.Failed >= maxStrangerFailures || recent >= int64(s.Throttle.rates.Account.Limit)
	return state, err
}

// Unlock forgets the failed logins of an account. The actor must be allowed to
// change it.
func (s *Sessions) Unlock(ctx context.Context, actor access.Actor, account int64) error {
	if err := actor.Check(access.Accounts.Change()); err != nil {
		return err
	}
	return write(ctx, s.store, func(tx Tx) error {
		a, held, err := tx.FindAccount(account)
		if err == nil {
			err = CheckReach(actor, a, held)
		}
		if err != nil {
			return err
		}
		return s.unlock(tx, actor, a)
	})
}

// unlock forgets the failed logins of an account, and records it if there were
// any.
func (s *Sessions) unlock(tx Tx, actor access.Actor, a Account) error {
	n, err := tx.DropCounter(failuresKey(a.ID, a.Username))
	recent, err2 := tx.DropCounter(accountKey(a.Username))
	if err := firstError(err, err2); err != nil || n+recent == 0 {
		return err
	}
	d := deed{stamp(s.Now()), actor}
	return tx.Record(d.entry(audit.Update, a.Object(), []audit.Change{{Field: "failed_logins", Old: max(n, recent), New: int64(0)}}))
}

// UnlockMail is a mail to the owner of an account.
type UnlockMail struct {
	To       string // its address
	Username string
	Token    string // for UnlockBy
}

// RequestUnlock returns the mail with which the owner of an account unlocks it,
// the zero UnlockMail if there is no such account, it may not log in, or it has no
// address. The caller must not show the difference. It returns Throttled after
// too many requests.
func (s *Sessions) RequestUnlock(ctx context.Context, username string, from access.Origin) (UnlockMail, error) {
	sum := digestOf(username)
	wait, err := s.Failures.Take(ctx, s.Now(), Use{fmt.Sprintf("unlock:%x", sum), unlockRate},
		Use{"unlock-address:" + addressKey(addressOf(from)), unlockAddressRate})
	if err := throttled(wait, err); err != nil {
		return UnlockMail{}, err
	}
	a, err := s.find(ctx, username)
	if err != nil || !a.mayLogIn() || a.Email == "" {
		return UnlockMail{}, err
	}
	token := unlocking{account: a.ID, ends: s.Now().Add(UnlockLife).Unix()}
	if token.mac = s.Keys.sign(forUnlocks, token.signedText(a)); token.mac == "" {
		return UnlockMail{}, nil
	}
	return UnlockMail{a.Email, a.Username, token.String()}, nil
}

// UnlockBy unlocks the login of the account of a mail, and makes the browser with
// that text known to it. It returns the browser's new text, or ErrBadUnlock.
func (s *Sessions) UnlockBy(ctx context.Context, token, deviceText string, from access.Origin) (string, error) {
	u, ok := parseUnlocking(token)
	if !ok || u.ends <= s.Now().Unix() {
		return "", ErrBadUnlock
	}
	var unlocked Account
	err := write(ctx, s.store, func(tx Tx) error {
		a, _, err := tx.FindAccount(u.account)
		if fault.KindOf(err) == fault.NotFound || err == nil && (!a.mayLogIn() || !s.Keys.signed(forUnlocks, u.signedText(a), u.mac)) {
			return ErrBadUnlock
		}
		if err != nil {
			return err
		}
		unlocked = a
		return s.unlock(tx, actorOf(a, nil).From(from).By(access.Credential{Kind: access.MailLink}), a)
	})
	if err != nil {
		return "", err
	}
	s.Log.InfoContext(ctx, "login unlocked by mail", "id", unlocked.ID)
	return s.remember(deviceText, unlocked), nil
}

// unlocking is the permission in a mail to unlock a login. It is void after the
// next login, and once the password changes.
type unlocking struct {
	account, ends int64
	mac           string
}

// String returns the token for the link.
func (u unlocking) String() string { return fmt.Sprintf("%d.%d.%s", u.account, u.ends, u.mac) }

func (u unlocking) signedText(a Account) string {
	return fmt.Sprintf("%d.%d.%d.%s", u.account, u.ends, a.LastLogin.UnixMicro(), markOf(a))
}

func parseUnlocking(token string) (u unlocking, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return u, false
	}
	account, err := strconv.ParseInt(parts[0], 10, 64)
	ends, err2 := strconv.ParseInt(parts[1], 10, 64)
	return unlocking{account, ends, parts[2]}, err == nil && err2 == nil
}
