package auth

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/query"
)

// FirstLife is how long a link to create the first account is valid.
const FirstLife = 24 * time.Hour

// ErrNotFirst is returned once a staff account exists.
var ErrNotFirst = fault.New(fault.Conflict, "There is a staff account already. Log in with it.")

// First creates the first staff account of an installation, which no other
// account could create. It is safe for concurrent use.
type First struct {
	accounts *Accounts
	keys     Keys
	past     atomic.Bool // there is a staff account
}

// NewFirst returns the service. Links are signed with a key of keys.
func NewFirst(accounts *Accounts, keys Keys) *First { return &First{accounts: accounts, keys: keys} }

// Needed reports whether there is no staff account. Once there is one, it costs
// nothing.
func (f *First) Needed(ctx context.Context) (bool, error) {
	if f.past.Load() {
		return false, nil
	}
	n, err := f.accounts.store.CountAccounts(query.Fresh(ctx), AccountQuery{IsStaff: query.OnlyTrue})
	if err == nil && n > 0 {
		f.past.Store(true)
	}
	return err == nil && n == 0, err
}

// Token returns the secret part of a link to create the account, valid for
// FirstLife and until there is a staff account, on every server with the same
// SECRET_KEY. It is "" without a key.
func (f *First) Token() string {
	ends := strconv.FormatInt(f.accounts.now().Add(FirstLife).Unix(), 10)
	mac := f.keys.sign(forFirst, ends)
	if mac == "" {
		return ""
	}
	return ends + "." + mac
}

// Valid reports whether a token is one of Token's that has not expired.
func (f *First) Valid(token string) bool {
	ends, mac, _ := strings.Cut(token, ".")
	until, err := strconv.ParseInt(ends, 10, 64)
	return err == nil && until > f.accounts.now().Unix() && f.keys.signed(forFirst, ends, mac)
}

// Create creates the first account, an active superuser with a password. Of
// concurrent calls one succeeds; the others, and calls once there is a staff
// account, return ErrNotFirst. Invalid input returns an Invalid error with all
// field errors.
func (f *First) Create(ctx context.Context, from access.Origin, change AccountChange, pw NewPassword) (Account, error) {
	needed, err := f.Needed(ctx)
	if err != nil {
		return Account{}, err
	}
	if !needed {
		return Account{}, ErrNotFirst
	}
	yes := true
	change.IsActive, change.IsStaff, change.IsSuperuser = &yes, &yes, &yes
	return f.accounts.create(ctx, access.System("setup").From(from), change, pw, refuseSecond)
}

// refuseSecond returns ErrNotFirst if there is another superuser. It counts after
// the account was inserted, because only then do concurrent transactions wait for
// each other.
func refuseSecond(tx Tx, id int64) error {
	n, err := tx.CountOtherSuperusers(id)
	if err == nil && n > 0 {
		return ErrNotFirst
	}
	return err
}
