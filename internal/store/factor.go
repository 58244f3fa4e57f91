package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"roster/internal/auth"
	"roster/internal/query"
	"roster/internal/store/sqldb"
)

const (
	selectFactor         = "SELECT secret, confirmed, last_used, recovery FROM roster_totp WHERE account_id = ?"
	selectFactorAccounts = "SELECT account_id FROM roster_totp WHERE account_id > ? ORDER BY account_id LIMIT ?"
	deleteFactor         = "DELETE FROM roster_totp WHERE account_id = ?"
)

// FactorAccounts implements auth.FactorReader.
func (s *Store) FactorAccounts(ctx context.Context, after int64, limit int) ([]int64, error) {
	return read(query.Fresh(ctx), s, "list second factors", func(c sqldb.Conn) ([]int64, error) {
		return all(c, scanID, selectFactorAccounts, after, int64(limit))
	})
}

// FindFactor implements auth.FactorReader.
func (s *Store) FindFactor(ctx context.Context, account int64) (auth.Factor, error) {
	return read(query.Fresh(ctx), s, "find second factor", func(c sqldb.Conn) (auth.Factor, error) {
		return factorOf(c, account, selectFactor)
	})
}

// FindFactor implements auth.FactorTx.
func (t *tx) FindFactor(account int64) (auth.Factor, error) {
	return factorOf(t, account, selectFactor+t.forUpdate)
}

func factorOf(c sqldb.Conn, account int64, statement string) (auth.Factor, error) {
	return one(c, func(row []driver.Value) (f auth.Factor, err error) {
		var recovery []byte
		if err = sqldb.Scan(row, &f.Key, &f.Confirmed, &f.LastUsed, &recovery); err != nil {
			return f, err
		}
		if err = json.Unmarshal(recovery, &f.Recovery); err != nil {
			err = sqldb.Unreadable(fmt.Sprintf("roster_totp, account_id %d", account), err)
		}
		return f, err
	}, statement, account)
}

// SaveFactor implements auth.FactorTx.
func (t *tx) SaveFactor(account int64, f auth.Factor) error {
	recovery, err := json.Marshal(f.Recovery)
	if err != nil {
		return err
	}
	return exec(t, t.saveFactor, account, f.Key, flag(f.Confirmed), f.LastUsed, string(recovery))
}

// DeleteFactor implements auth.FactorTx.
func (t *tx) DeleteFactor(account int64) error { return exec(t, deleteFactor, account) }
