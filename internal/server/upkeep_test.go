package server_test

import (
	"path/filepath"
	"testing"
	"time"

	"roster/internal/auth"
	"roster/internal/auth/totp"
	"roster/internal/server"
)

// A server encrypts the keys of authenticator apps that an earlier version stored
// in clear text, so that no later backup contains them.
func TestServe_EncryptsKeys(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	serve := func() server.Served {
		return server.Serve(t, "127.0.0.1:8000", "LOG_DIR=", "LOG_LEVEL=CRITICAL", "DB_NAME="+path)
	}
	key := totp.NewKey().Reveal()
	err := serve().Store.InAuthTx(t.Context(), func(tx auth.Tx) error {
		return tx.SaveFactor(7, auth.Factor{Key: key, Confirmed: true})
	})
	if err != nil {
		t.Fatal(err)
	}
	db := serve().Store
	stored := key
	for deadline := time.Now().Add(time.Minute); stored == key && time.Now().Before(deadline); {
		err := db.InAuthTx(t.Context(), func(tx auth.Tx) error {
			factor, err := tx.FindFactor(7)
			stored = factor.Key
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(stored) != 64 {
		t.Errorf("got %q, want the key encrypted", stored)
	}
}
