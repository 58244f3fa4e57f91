package store

import (
	"context"
	"database/sql/driver"

	"roster/internal/auth"
	"roster/internal/auth/jwt"
	"roster/internal/query"
	"roster/internal/store/sqldb"
)

const (
	selectSigningKeys = "SELECT id, algorithm, sealed, CAST(created_at AS CHAR) FROM roster_signing_keys ORDER BY created_at DESC, id LIMIT 100"
	insertSigningKey  = "INSERT INTO roster_signing_keys (id, algorithm, sealed, created_at) VALUES (?, ?, ?, ?)"
	resealSigningKey  = "UPDATE roster_signing_keys SET sealed = ? WHERE id = ?"
	deleteSigningKey  = "DELETE FROM roster_signing_keys WHERE id = ?"
)

// ListSigningKeys implements auth.SigningKeyReader.
func (s *Store) ListSigningKeys(ctx context.Context) ([]auth.SealedKey, error) {
	return read(query.Fresh(ctx), s, "list signing keys", func(c sqldb.Conn) ([]auth.SealedKey, error) {
		return all(c, scanSigningKey, selectSigningKeys)
	})
}

// ListSigningKeys implements auth.SigningKeyTx.
func (t *tx) ListSigningKeys() ([]auth.SealedKey, error) {
	return all(t, scanSigningKey, selectSigningKeys+t.forUpdate)
}

func scanSigningKey(row []driver.Value) (k auth.SealedKey, err error) {
	var algorithm string
	err = sqldb.Scan(row, &k.ID, &algorithm, &k.Sealed, &k.CreatedAt)
	k.Algorithm = jwt.Algorithm(algorithm)
	return k, err
}

// InsertSigningKey implements auth.SigningKeyTx.
func (t *tx) InsertSigningKey(k auth.SealedKey) error {
	return exec(t, insertSigningKey, k.ID, string(k.Algorithm), k.Sealed, sqldb.FormatTime(k.CreatedAt))
}

// ResealSigningKey implements auth.SigningKeyTx.
func (t *tx) ResealSigningKey(k auth.SealedKey) error {
	return exec(t, resealSigningKey, k.Sealed, k.ID)
}

// DeleteSigningKey implements auth.SigningKeyTx.
func (t *tx) DeleteSigningKey(id string) error { return exec(t, deleteSigningKey, id) }
