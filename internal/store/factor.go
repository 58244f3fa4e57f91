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
		f.Confirmed, f.LastUsed = sqldb.IsTrue(row[1]), int64Of(row[2])
		if err = json.Unmarshal([]byte(textOf(row[3])), &f.Recovery); err == nil {
			f.Key, err = totp.ParseKey(textOf(row[0]))
		}
		if err != nil {
			err = unreadable(fmt.Sprintf("roster_totp, account_id %d", account), err)
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
