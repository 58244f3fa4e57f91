package store

import (
	"context"
	"database/sql/driver"
	"time"

	"roster/internal/auth"
	"roster/internal/query"
	"roster/internal/store/sqldb"
)

const (
	apiTokenColumns = "t.id, t.account_id, t.name, t.hint, t.scopes, CAST(t.created_at AS CHAR), CAST(t.expires_at AS CHAR), CAST(t.used_at AS CHAR), t.used_from" //nolint:gosec // a statement
	apiTokenWidth   = 9                                                                                                                                            // columns
	selectAPIToken  = "SELECT " + apiTokenColumns + ", " + accountColumns +
		" FROM roster_api_tokens t JOIN auth_user a ON a.id = t.account_id WHERE t.digest = ?"
	selectAPITokenByID = "SELECT " + apiTokenColumns + " FROM roster_api_tokens t WHERE t.id = ?"
	selectAPITokens    = "SELECT " + apiTokenColumns + " FROM roster_api_tokens t"
	countAPITokens     = "SELECT COUNT(*) FROM roster_api_tokens WHERE account_id = ?" //nolint:gosec // a statement
	dropAPITokens      = "DELETE FROM roster_api_tokens WHERE account_id = ? AND expires_at < ?"

	insertAPIToken = "INSERT INTO roster_api_tokens (digest, account_id, name, hint, scopes, created_at, expires_at, used_at, used_from)" +
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
	countLasting   = "SELECT COUNT(*) FROM roster_api_tokens WHERE expires_at IS NULL"
	updateAPIToken = "UPDATE roster_api_tokens SET expires_at = ?, used_at = ?, used_from = ? WHERE id = ?" //nolint:gosec // a statement
	deleteAPIToken = "DELETE FROM roster_api_tokens WHERE id = ?"
)

// FindAPIToken implements auth.TokenReader.
func (s *Store) FindAPIToken(ctx context.Context, digest string) (auth.TokenOwner, error) {
	return read(query.Fresh(ctx), s, "find API token", func(c sqldb.Conn) (auth.TokenOwner, error) {
		owner, err := one(c, scanTokenOwner, selectAPIToken, digest)
		if err == nil {
			owner.Permissions, err = permissions(c, selectHeld, owner.Account.ID, owner.Account.ID)
		}
		return owner, err
	})
}

func scanTokenOwner(row []driver.Value) (owner auth.TokenOwner, err error) {
	if owner.Token, err = scanAPIToken(row); err == nil {
		owner.Account, err = scanAccount(row[apiTokenWidth:])
	}
	return owner, err
}

// ListAPITokens implements auth.TokenReader.
func (s *Store) ListAPITokens(ctx context.Context, account int64) ([]auth.APIToken, error) {
	var w where
	if account != 0 {
		w.add("t.account_id = ?", account)
	}
	return read(query.Fresh(ctx), s, "list API tokens", func(c sqldb.Conn) ([]auth.APIToken, error) {
		return all(c, scanAPIToken, selectAPITokens+w.String()+" ORDER BY t.id DESC LIMIT 1000", w.with()...)
	})
}

// scanAPIToken reads a row that begins with apiTokenColumns.
func scanAPIToken(row []driver.Value) (t auth.APIToken, err error) {
	var scopes string
	err = sqldb.Scan(row, &t.ID, &t.Account, &t.Name, &t.Hint, &scopes, &t.CreatedAt, &t.ExpiresAt, &t.UsedAt, &t.UsedFrom)
	t.Scopes = auth.ParseScopes(scopes)
	return t, err
}

// InsertAPIToken implements auth.TokenTx.
func (t *tx) InsertAPIToken(digest string, n auth.APIToken) (int64, error) {
	return insert(t, insertAPIToken, digest, n.Account, n.Name, n.Hint, n.Scopes.String(), sqldb.FormatTime(n.CreatedAt),
		timeOrNull(n.ExpiresAt), timeOrNull(n.UsedAt), n.UsedFrom)
}

// FindAPITokenByID implements auth.TokenTx.
func (t *tx) FindAPITokenByID(id int64) (auth.APIToken, error) {
	return one(t, scanAPIToken, selectAPITokenByID+t.forUpdate, id)
}

// CountAPITokens implements auth.TokenTx.
func (t *tx) CountAPITokens(account int64) (int64, error) {
	return sqldb.Integer(t, countAPITokens, account)
}

// DropAPITokens implements auth.TokenTx.
func (t *tx) DropAPITokens(account int64, before time.Time) error {
	return exec(t, dropAPITokens, account, sqldb.FormatTime(before))
}

// UpdateAPIToken implements auth.TokenTx.
func (t *tx) UpdateAPIToken(n auth.APIToken) error {
	return exec(t, updateAPIToken, timeOrNull(n.ExpiresAt), timeOrNull(n.UsedAt), n.UsedFrom, n.ID)
}

// DeleteAPIToken implements auth.TokenTx.
func (t *tx) DeleteAPIToken(id int64) error { return exec(t, deleteAPIToken, id) }

// CountLastingTokens returns the number of API tokens that never expire.
func (s *Store) CountLastingTokens(ctx context.Context) (int64, error) {
	return s.readInteger(ctx, "count API tokens", countLasting)
}
