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

// Rate is how many uses are allowed within a time.
type Rate struct {
	Limit  int           // at least 1
	Window time.Duration // whole seconds, at least one
}

// LoginRates say how many logins may fail.
type LoginRates struct {
	Account Rate // for one account, from wherever: the setting THROTTLE_LOGIN
	Address Rate // from one address, for whatever accounts
}

// DefaultLoginRates are the rates where nothing is configured. Those of an
// address are wider, because a whole office may share it, and so that what is
// tried on one account leaves room for others to log in from there.
func DefaultLoginRates() LoginRates {
	return LoginRates{Account: Rate{10, 5 * time.Minute}, Address: Rate{30, time.Minute}}
}

// LoginThrottle bounds how often passwords are tried. A login takes a permit
// before its password is looked at, so that any number of logins at once get no
// more tries than one after another, and gives the permit back when the password
// was right, or was not looked at after all. So failures alone count.
//
// Nothing else forgets failures: if a right password reset a counter, whoever
// owns one account could go on trying others from the same address, and each
// login of an owner would grant an attacker new tries.
//
// It is safe for concurrent use.
type LoginThrottle struct {
	counters Counters
	rates    LoginRates
	now      func() time.Time
}

// NewLoginThrottle returns a throttle that counts in counters, by that clock.
func NewLoginThrottle(counters Counters, rates LoginRates, now func() time.Time) *LoginThrottle {
	return &LoginThrottle{counters: counters, rates: rates, now: now}
}

// Permit is the right to look at one password.
type Permit struct {
	taken time.Time
	uses  []Use
}

// Take returns a permit for one try at an account from an address. The account
// is named as it was typed, whether or not it exists; spellings that differ in
// case, in Unicode form or in white space around them count as one. The address is the client's as far as it can be
// trusted; an invalid one stands for all that are unknown.
//
// An error of kind fault.Throttled says how long to wait, and nothing was
// counted. When the counters fail, the error is of kind fault.Unavailable:
// nobody may try passwords uncounted.
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

// GiveBack undoes one Take, after a login that succeeded or whose password was
// not looked at. Call it at most once for a permit.
func (t *LoginThrottle) GiveBack(ctx context.Context, p Permit) error {
	return t.counters.GiveBack(ctx, p.taken, p.uses...)
}

// accountKey tells accounts apart without keeping what was typed, which is a
// password at times.
func accountKey(name string) string {
	sum := sha256.Sum256([]byte(form.Lower(NormalizeUsername(name))))
	return hex.EncodeToString(sum[:])
}

// addressKey returns an IPv4 address as it is and the /64 network of an IPv6
// address: a single host has the whole of it to choose from.
func addressKey(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if !a.Is6() {
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}
