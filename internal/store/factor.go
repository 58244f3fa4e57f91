package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"roster/internal/auth"
	"roster/internal/auth/totp"
	"roster/internal/store/sqldb"
)

const (
	selectFactor = "SELECT secret, confirmed, last_used, recovery FROM roster_totp WHERE account_id = ?"
	deleteFactor = "DELETE FROM roster_totp WHERE account_id = ?"
)

// FindFactor implements auth.FactorTx.
func (t *tx) FindFactor(account int64) (auth.Factor, error) {
	return one(t, func(row []driver.Value) (f auth.Factor, err error) {
		var key string
		var recovery []byte
		if err = sqldb.Scan(row, &key, &f.Confirmed, &f.LastUsed, &recovery); err != nil {
			return f, err
		}
		if err = json.Unmarshal(recovery, &f.Recovery); err == nil {
			f.Key, err = totp.ParseKey(key)
		}
		if err != nil {
			err = sqldb.Unreadable(fmt.Sprintf("roster_totp, account_id %d", account), err)
		}
		return f, err
	}, selectFactor+t.forUpdate, account)
}

// SaveFactor implements auth.FactorTx.
func (t *tx) SaveFactor(account int64, f auth.Factor) error {
	recovery, err := json.Marshal(f.Recovery)
	if err != nil {
		return err
	}
	return exec(t, t.saveFactor, account, f.Key.Reveal(), flag(f.Confirmed), f.LastUsed, string(recovery))
}

// DeleteFactor implements auth.FactorTx.
func (t *tx) DeleteFactor(account int64) error { return exec(t, deleteFactor, account) }
