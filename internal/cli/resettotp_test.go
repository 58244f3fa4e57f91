package cli_test

import (
	"strings"
	"testing"

	"roster/internal/auth"
	"roster/internal/auth/totp"
	"roster/internal/store"
)

func TestResetTOTP(t *testing.T) {
	t.Parallel()
	c := newTerminal(t)
	c.want(1, `user "boss" does not exist`, c.run("", "resettotp", "boss"))
	c.want(2, "see roster resettotp --help", c.run("", "resettotp"))
	c.want(0, "Superuser created", c.run("", "createsuperuser", "--noinput", "--username", "boss"))
	c.want(0, "User 'boss' has no second factor", c.run("", "resettotp", "boss"))
	c.enrol(1)
	c.want(0, "Two-factor authentication of user 'boss' was reset", c.run("", "resettotp", "boss"))
	c.want(0, "User 'boss' has no second factor", c.run("", "resettotp", "boss"))
	c.want(0, "second_factor", c.run("", "audit", "export"))
}

// enrol gives an account a second factor.
func (c *terminal) enrol(account int64) {
	c.t.Helper()
	db, err := store.Open(c.t.Context(), store.Options{Path: strings.TrimPrefix(c.environ[0], "DB_NAME=")})
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.InAuthTx(c.t.Context(), func(tx auth.Tx) error {
		return tx.SaveFactor(account, auth.Factor{Key: totp.NewKey().Reveal(), Confirmed: true})
	}); err != nil {
		c.t.Fatal(err)
	}
}
