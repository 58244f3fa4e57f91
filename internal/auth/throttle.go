package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"time"

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

// LoginThrottle limits password attempts. A login takes a permit before its
// password is verified, so that concurrent logins get no more attempts than
// sequential ones, and returns the permit if the password was right or was not
// verified. Only failures count.
//
// Nothing else resets the counters: if a correct password did, the owner of one
// account could keep trying others from the same address, and each login of an
// owner would grant an attacker new attempts.
//
// It is safe for concurrent use.
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

// Permit is the permission to verify one password.
type Permit struct {
	taken time.Time
	uses  []Use
}

// Take returns a permit for an attempt at an account from an address. The
// account is the name as typed, whether or not it exists; spellings that differ
// in case, Unicode form or surrounding white space count as one. The address is
// that of the client, as far as it is trusted; all unknown clients share an
// invalid one.
//
// An error of kind fault.Throttled has a RetryAfter, and nothing was counted.
// If the counters fail, the error is of kind fault.Unavailable: no attempt goes
// uncounted.
func (t *LoginThrottle) Take(ctx context.Context, account string, address netip.Addr) (Permit, error) {
	p := Permit{taken: t.now(), uses: []Use{
		{Key: "account:" + accountKey(account), Rate: t.rates.Account},
		{Key: "address:" + addressKey(address), Rate: t.rates.Address},
	}}
	wait, err := t.counters.Take(ctx, p.taken, p.uses...)
	if err != nil {
		return Permit{}, fault.Wrap(fault.Unavailable, "Logging in is not possible at the moment.", err)
	}
	if wait > 0 {
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
	sum := sha256.Sum256([]byte(form.Lower(NormalizeUsername(name))))
	return hex.EncodeToString(sum[:])
}

// addressKey returns an IPv4 address unchanged and the /64 network of an IPv6
// address, all of which is available to a single host.
func addressKey(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if !a.Is6() {
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}
