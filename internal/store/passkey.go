package store

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"roster/internal/auth"
	"roster/internal/query"
	"roster/internal/store/sqldb"
)

const (
	passkeyColumns = "id, account_id, site, name, CAST(created_at AS CHAR), CAST(used_at AS CHAR)," +
		" credential, public_key, handle, aaguid, flags, sign_count, transports"
	selectPasskey  = "SELECT " + passkeyColumns + " FROM roster_passkeys WHERE digest = ?"
	selectPasskeys = "SELECT " + passkeyColumns + " FROM roster_passkeys WHERE account_id = ? ORDER BY id"

	insertPasskey = "INSERT INTO roster_passkeys (digest, account_id, site, name, created_at, used_at, credential, public_key, handle, aaguid," +
		" flags, sign_count, transports) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	updatePasskey = "UPDATE roster_passkeys SET name = ?, used_at = ?, flags = ?, sign_count = ? WHERE id = ?" //nolint:gosec // a statement
	deletePasskey = "DELETE FROM roster_passkeys WHERE id = ?"
)

// FindPasskey implements auth.PasskeyReader.
func (s *Store) FindPasskey(ctx context.Context, credential []byte) (auth.Passkey, error) {
	return read(query.Fresh(ctx), s, "find passkey", func(c sqldb.Conn) (auth.Passkey, error) {
		return one(c, scanPasskey, selectPasskey, credentialDigest(credential))
	})
}

// ListPasskeys implements auth.PasskeyReader.
func (s *Store) ListPasskeys(ctx context.Context, account int64) ([]auth.Passkey, error) {
	return read(query.Fresh(ctx), s, "list passkeys", func(c sqldb.Conn) ([]auth.Passkey, error) {
		return all(c, scanPasskey, selectPasskeys, account)
	})
}

// credentialDigest is the key of a credential, whose ID is too long for an index
// of MySQL.
func credentialDigest(credential []byte) string {
	sum := sha256.Sum256(credential)
	return hex.EncodeToString(sum[:])
}

// scanPasskey reads a row of passkeyColumns.
func scanPasskey(row []driver.Value) (k auth.Passkey, err error) {
	var credential, key, handle, aaguid, transports string
	var flags, count int64
	if err = sqldb.Scan(row, &k.ID, &k.Account, &k.Site, &k.Name, &k.CreatedAt, &k.UsedAt,
		&credential, &key, &handle, &aaguid, &flags, &count, &transports); err != nil {
		return k, err
	}
	c := &k.Credential
	for _, f := range []struct {
		text string
		to   *[]byte
	}{{credential, &c.ID}, {key, &c.PublicKey}, {handle, &c.Handle}, {aaguid, &c.AAGUID}} {
		if *f.to, err = base64.RawURLEncoding.DecodeString(f.text); err != nil {
			return k, sqldb.Unreadable(fmt.Sprintf("roster_passkeys, id %d", k.ID), err)
		}
	}
	c.Flags, c.SignCount = byte(flags), uint32(count) //nolint:gosec // as they were stored
	if transports != "" {
		c.Transports = strings.Split(transports, ",")
	}
	return k, nil
}

// FindPasskey implements auth.PasskeyTx.
func (t *tx) FindPasskey(credential []byte) (auth.Passkey, error) {
	return one(t, scanPasskey, selectPasskey+t.forUpdate, credentialDigest(credential))
}

// ListPasskeys implements auth.PasskeyTx.
func (t *tx) ListPasskeys(account int64) ([]auth.Passkey, error) {
	return all(t, scanPasskey, selectPasskeys+t.forUpdate, account)
}

// InsertPasskey implements auth.PasskeyTx.
func (t *tx) InsertPasskey(k auth.Passkey) error {
	c, text := k.Credential, base64.RawURLEncoding.EncodeToString
	return exec(t, insertPasskey, credentialDigest(c.ID), k.Account, k.Site, k.Name, sqldb.FormatTime(k.CreatedAt), timeOrNull(k.UsedAt),
		text(c.ID), text(c.PublicKey), text(c.Handle), text(c.AAGUID), int64(c.Flags), int64(c.SignCount), strings.Join(c.Transports, ","))
}

// UpdatePasskey implements auth.PasskeyTx.
func (t *tx) UpdatePasskey(k auth.Passkey) error {
	return exec(t, updatePasskey, k.Name, timeOrNull(k.UsedAt), int64(k.Credential.Flags), int64(k.Credential.SignCount), k.ID)
}

// DeletePasskey implements auth.PasskeyTx.
func (t *tx) DeletePasskey(id int64) error { return exec(t, deletePasskey, id) }
