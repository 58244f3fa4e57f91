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
	sessionColumns = "s.id, s.account_id, s.mark, CAST(s.created_at AS CHAR), CAST(s.seen_at AS CHAR), CAST(s.ends_at AS CHAR), CAST(s.confirmed_at AS CHAR)," +
		" s.needs_code, s.address, s.user_agent, s.identity_id, s.mfa, s.refresh_id"
	sessionWidth  = 13 // columns
	selectSession = "SELECT " + sessionColumns + " FROM roster_sessions s WHERE s.token_digest = ?"
	hasFactors    = "EXISTS (SELECT 1 FROM roster_totp f WHERE f.account_id = a.id AND f.confirmed = 1)," +
		" EXISTS (SELECT 1 FROM roster_passkeys k WHERE k.account_id = a.id)"
	selectAccess = "SELECT " + sessionColumns + ", " + accountColumns + ", " + hasFactors +
		" FROM roster_sessions s JOIN auth_user a ON a.id = s.account_id WHERE s.token_digest = ?"
	selectSignedIn = "SELECT " + accountColumns + ", " + hasFactors + " FROM auth_user a WHERE a.id = ?"
	selectSessions = "SELECT " + sessionColumns + " FROM roster_sessions s WHERE s.account_id = ? AND s.ends_at > ?" +
		" ORDER BY s.seen_at DESC, s.id DESC LIMIT 1000"
	selectBarred = "SELECT DISTINCT s.account_id FROM roster_sessions s LEFT JOIN auth_user a ON a.id = s.account_id" +
		" WHERE a.id IS NULL OR a.is_active = 0 OR a.is_staff = 0 LIMIT 100"

	insertSession = "INSERT INTO roster_sessions (token_digest, account_id, mark, created_at, seen_at, ends_at, confirmed_at," +
		" needs_code, address, user_agent, identity_id, mfa, refresh_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	updateSession = "UPDATE roster_sessions SET seen_at = ?, ends_at = ?, confirmed_at = ?, needs_code = ?, refresh_id = ? WHERE id = ?"
	remark        = "UPDATE roster_sessions SET mark = ? WHERE account_id = ? AND mark = ?"
	// A condition on an id of 0 is ignored.
	deleteSessions = "DELETE FROM roster_sessions WHERE account_id = ? AND (? = 0 OR id = ?) AND id <> ?"

	countSessions = "SELECT COUNT(*) FROM roster_sessions WHERE ends_at > ? AND refresh_id = ''"
)

// FindSession implements auth.SessionReader.
func (s *Store) FindSession(ctx context.Context, digest string) (auth.SignedIn, error) {
	return read(query.Fresh(ctx), s, "find session", func(c sqldb.Conn) (auth.SignedIn, error) {
		in, err := one(c, s.scanSignedIn, selectAccess, digest)
		if err == nil {
			in.Permissions, err = permissions(c, selectHeld, in.Account.ID, in.Account.ID)
		}
		return in, err
	})
}

// scanSignedIn reads a row of selectAccess.
func (s *Store) scanSignedIn(row []driver.Value) (in auth.SignedIn, err error) {
	session, err := scanSession(row)
	if err == nil {
		in, err = s.scanOwner(row[sessionWidth:])
	}
	in.Session = session
	return in, err
}

// FindSignedIn implements auth.SessionReader.
func (s *Store) FindSignedIn(ctx context.Context, account int64) (auth.SignedIn, error) {
	return read(query.Fresh(ctx), s, "find signed-in account", func(c sqldb.Conn) (auth.SignedIn, error) {
		in, err := one(c, s.scanOwner, selectSignedIn, account)
		if err == nil {
			in.Permissions, err = permissions(c, selectHeld, account, account)
		}
		return in, err
	})
}

// scanOwner reads a row of selectSignedIn.
func (s *Store) scanOwner(row []driver.Value) (in auth.SignedIn, err error) {
	in.Account, err = s.unreadable.accounts()(row)
	var hasPasskey bool
	err = sqldb.FirstError(err, sqldb.Scan(row[len(row)-2:], &in.HasApp, &hasPasskey))
	in.HasFactor = in.HasApp || hasPasskey
	return in, err
}

// ListSessions implements auth.SessionReader, for up to 1000 sessions.
func (s *Store) ListSessions(ctx context.Context, account int64, now time.Time) ([]auth.Session, error) {
	return read(query.Fresh(ctx), s, "list sessions", func(c sqldb.Conn) ([]auth.Session, error) {
		return all(c, lenient(s.unreadable, "roster_sessions", scanSession), selectSessions, account, sqldb.FormatTime(now))
	})
}

// BarredAccounts implements auth.SessionReader.
func (s *Store) BarredAccounts(ctx context.Context) ([]int64, error) {
	return read(query.Fresh(ctx), s, "find ended sessions", func(c sqldb.Conn) ([]int64, error) {
		return all(c, scanID, selectBarred)
	})
}

// scanSession reads a row that begins with sessionColumns.
func scanSession(row []driver.Value) (s auth.Session, err error) {
	err = sqldb.Scan(row, &s.ID, &s.Account, &s.Mark, &s.CreatedAt, &s.SeenAt, &s.EndsAt, &s.ConfirmedAt, &s.NeedsCode, &s.Address, &s.UserAgent,
		&s.Identity, &s.MFA, &s.RefreshID)
	return s, err
}

// InsertSession implements auth.SessionTx.
func (t *tx) InsertSession(digest string, s auth.Session) error {
	return exec(t, insertSession, digest, s.Account, s.Mark,
		sqldb.FormatTime(s.CreatedAt), sqldb.FormatTime(s.SeenAt), sqldb.FormatTime(s.EndsAt), sqldb.FormatTime(s.ConfirmedAt),
		flag(s.NeedsCode), s.Address, s.UserAgent, s.Identity, flag(s.MFA), s.RefreshID)
}

// FindSession implements auth.SessionTx.
func (t *tx) FindSession(digest string) (auth.Session, error) {
	return one(t, scanSession, selectSession+t.forUpdate, digest)
}

// UpdateSession implements auth.SessionTx.
func (t *tx) UpdateSession(s auth.Session) error {
	return exec(t, updateSession, sqldb.FormatTime(s.SeenAt), sqldb.FormatTime(s.EndsAt), sqldb.FormatTime(s.ConfirmedAt),
		flag(s.NeedsCode), s.RefreshID, s.ID)
}

// Remark implements auth.SessionTx.
func (t *tx) Remark(account int64, old, mark string) error {
	if old == mark {
		return nil
	}
	return exec(t, remark, mark, account, old)
}

// DeleteSessions implements auth.SessionTx.
func (t *tx) DeleteSessions(account int64, which auth.SessionChoice) (int64, error) {
	return change(t, deleteSessions, account, which.Only, which.Only, which.Except)
}

// CountSessions returns how many sessions of browsers are active at that time.
func (s *Store) CountSessions(ctx context.Context, at time.Time) (int64, error) {
	return s.readInteger(ctx, "count sessions", countSessions, sqldb.FormatTime(at))
}
