package auth

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"roster/internal/fault"
	"roster/internal/form"
)

// Rate is a number of uses allowed within a period.
type Rate struct {
	Limit  int           // at least 1
	Window time.Duration // whole seconds, at least one
}

// LoginRates are the limits of failed logins.
type LoginRates struct {
	Account Rate // per account, from any address: the setting THROTTLE_LOGIN
	Address Rate // per address, for any account
}

// DefaultLoginRates returns the default rates. The rate per address is higher,
// because a whole office may share one, and because attempts on one account
// must leave capacity for others.
func DefaultLoginRates() LoginRates {
	return LoginRates{Account: Rate{10, 5 * time.Minute}, Address: Rate{30, time.Minute}}
}

// Kinds returns the uses that these rates limit, each with the beginning of the keys
// of its counters.
func (r LoginRates) Kinds() []Use {
	return []Use{{accountPrefix, r.Account}, {addressPrefix, r.Address}}
}

// The beginnings of the keys of counters.
const (
	accountPrefix = "account:"
	addressPrefix = "address:"
)

// The number of failed logins of an account since its last successful one, after
// which no more are verified (NIST SP 800-63B, section 3.2.2: at most 100).
// Strangers have fewer, so that they cannot use up those of a browser that is
// known to the account.
const (
	maxFailures         = 100
	maxStrangerFailures = 90
	// failuresKept is how long they are kept without a successful login.
	failuresKept = 10 * 366 * 24 * time.Hour
)

// unknownNames is the number of counters that names without an account share, so
// that they are refused like those of accounts, without a counter for each.
const unknownNames = 1024

// LoginThrottle limits password attempts. A login takes a permit before its
// password is verified, so that concurrent logins get no more attempts than
// sequential ones, and returns the permit if the password was right or was not
// verified. Only failures count.
//
// Failures of strangers count by account and by address; those of a browser that
// is known to the account, and of an open session, by themselves, so that
// strangers lock out neither. All count towards the total of the account, which
// a complete login resets. Nothing resets the other counters: if a correct
// password did, the owner of one account could keep trying others from the same
// address, and each login of an owner would grant an attacker new attempts.
//
// It is safe for concurrent use.
type LoginThrottle struct {
	counters Counters
	rates    LoginRates
	now      func() time.Time
}

// NewLoginThrottle returns a throttle with these counters, rates and clock.
func NewLoginThrottle(counters Counters, rates LoginRates, now func() time.Time) *LoginThrottle {
	return &LoginThrottle{counters: counters, rates: rates, now: now}
}

// Attempt is an attempt to log in.
type Attempt struct {
	// Name is the username of the account, or the name as typed if there is no
	// account. Spellings that differ in case, accents, Unicode form or
	// surrounding white space count as one.
	Name    string
	Account int64      // 0 for none
	Address netip.Addr // of the client, as far as it is trusted; all unknown clients share an invalid one
	// Own is the counter of a browser that is known to the account or of one of
	// its sessions, "" for a stranger.
	Own string
}

// uses returns what an attempt counts.
func (t *LoginThrottle) uses(a Attempt) []Use {
	if a.Own != "" {
		return []Use{{a.Own, t.rates.Account}, {failuresKey(a.Account, a.Name), Rate{maxFailures, failuresKept}}}
	}
	return []Use{
		{accountKey(a.Name), t.rates.Account},
		{addressPrefix + addressKey(a.Address), t.rates.Address},
		{failuresKey(a.Account, a.Name), Rate{maxStrangerFailures, failuresKept}},
	}
}

// Permit is the permission to verify one password.
type Permit struct {
	taken time.Time
	uses  []Use
}

// Take returns a permit for an attempt.
//
// An error of kind fault.Throttled has a RetryAfter, and nothing was counted. It
// does not show which counter refused, because only accounts have some of them.
// If the counters fail, the error is of kind fault.Unavailable: no attempt goes
// uncounted.
func (t *LoginThrottle) Take(ctx context.Context, a Attempt) (Permit, error) {
	p := Permit{taken: t.now(), uses: t.uses(a)}
	wait, err := t.counters.Take(ctx, p.taken, p.uses...)
	if err != nil {
		return Permit{}, fault.Wrap(fault.Unavailable, "Logging in is not possible at the moment.", err)
	}
	if wait > 0 {
		wait = min(wait, max(t.rates.Account.Window, t.rates.Address.Window))
		return Permit{}, &fault.Error{Kind: fault.Throttled, Message: "Too many login attempts. Please try again later.", RetryAfter: wait}
	}
	return p, nil
}

// GiveBack reverts one Take, after a successful login or if the password was
// not verified. Call it at most once per permit.
func (t *LoginThrottle) GiveBack(ctx context.Context, p Permit) error {
	return t.counters.GiveBack(ctx, p.taken, p.uses...)
}

// accountKey identifies accounts without storing the typed name, which is
// sometimes a password.
func accountKey(name string) string {
	sum := digestOf(name)
	return accountPrefix + hex.EncodeToString(sum[:])
}

// failuresKey is the counter of the failures since the last successful login.
func failuresKey(account int64, name string) string {
	if account != 0 {
		return "failed:" + strconv.FormatInt(account, 10)
	}
	sum := digestOf(name)
	return "failed:unknown:" + strconv.Itoa(int(binary.BigEndian.Uint16(sum[:])%unknownNames))
}

func digestOf(name string) [sha256.Size]byte { return sha256.Sum256([]byte(folded(name))) }

// folded returns a name without case and accents, which collations of MySQL
// ignore.
func folded(name string) string {
	if name = NormalizeUsername(name); len(name) > maxName*utf8Max {
		return name // no account's
	}
	return form.Lower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(form.Lower(name))))
}

// utf8Max is the maximum length of a code point, in bytes.
const utf8Max = 4

// addressKey returns an IPv4 address unchanged and the /64 network of an IPv6
// address, all of which is available to a single host.
func addressKey(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if !a.Is6() {
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}
