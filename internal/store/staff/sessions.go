package staff

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"roster/internal/auth"
	"roster/internal/auth/totp"
	"roster/internal/fault"
	"roster/internal/query"
	"roster/internal/store/sqldb"
)

const (
	sessionColumns = "s.id, s.account_id, s.mark, s.created_at || '', s.seen_at || '', s.ends_at || '', s.confirmed_at || ''," +
		" s.needs_code, s.address, s.user_agent"
	sessionWidth  = 10 // columns
	selectSession = "SELECT " + sessionColumns + " FROM roster_sessions s WHERE s.token_digest = ?"
	selectAccess  = "SELECT " + sessionColumns + ", " + accountColumns + "," +
		" EXISTS (SELECT 1 FROM roster_totp f WHERE f.account_id = a.id AND f.confirmed = 1)" +
		" FROM roster_sessions s JOIN auth_user a ON a.id = s.account_id WHERE s.token_digest = ?"
	selectSessions = "SELECT " + sessionColumns + " FROM roster_sessions s WHERE s.account_id = ? AND s.ends_at > ?" +
		" ORDER BY s.seen_at DESC, s.id DESC LIMIT 1000"

	insertSession = "INSERT INTO roster_sessions (token_digest, account_id, mark, created_at, seen_at, ends_at, confirmed_at," +
		" needs_code, address, user_agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	updateSession = "UPDATE roster_sessions SET seen_at = ?, ends_at = ?, confirmed_at = ?, needs_code = ? WHERE id = ?"
	remark        = "UPDATE roster_sessions SET mark = ? WHERE account_id = ? AND mark = ?"
	// Where an id is 0, its condition plays no part.
	deleteSessions = "DELETE FROM roster_sessions WHERE account_id = ? AND (? = 0 OR id = ?) AND id <> ?"
	// Four at a time: the table shrinks although each login adds a row.
	selectEnded   = "SELECT id FROM roster_sessions WHERE ends_at <= ? ORDER BY ends_at LIMIT 4"
	deleteSession = "DELETE FROM roster_sessions WHERE id = ?"

	selectFactor = "SELECT secret, confirmed, last_used, recovery FROM roster_totp WHERE account_id = ?"
	deleteFactor = "DELETE FROM roster_totp WHERE account_id = ?"
)

// FindSession implements auth.SessionReader.
func (s *Store) FindSession(ctx context.Context, digest string) (in auth.SignedIn, err error) {
	err = s.db.Read(query.Fresh(ctx), "find session", func(c sqldb.Conn) error {
		in = auth.SignedIn{}
		err := c.Query(selectAccess, func(row []driver.Value) (err error) {
			if in.Session, err = scanSession(row); err != nil {
				return err
			}
			in.HasFactor = sqldb.IsTrue(row[len(row)-1])
			in.Account, err = scanAccount(row[sessionWidth:])
			return sqldb.FirstError(err, sqldb.ErrEnough)
		}, digest)
		if err != nil {
			return err
		}
		if in.Account.ID == 0 {
			return errNotFound
		}
		in.Permissions, err = permissions(c, selectHeld, in.Account.ID, in.Account.ID)
		return err
	})
	return in, err
}

// ListSessions implements auth.SessionReader, for the first 1000.
func (s *Store) ListSessions(ctx context.Context, account int64, now time.Time) (found []auth.Session, err error) {
	err = s.db.Read(query.Fresh(ctx), "list sessions", func(c sqldb.Conn) error {
		found, err = sessions(c, selectSessions, account, sqldb.FormatTime(now))
		return err
	})
	return found, err
}

func sessions(c sqldb.Conn, query string, args ...driver.Value) (found []auth.Session, err error) {
	err = c.Query(query, func(row []driver.Value) error {
		s, err := scanSession(row)
		found = append(found, s)
		return err
	}, args...)
	return found, err
}

// scanSession reads a row that begins with sessionColumns.
func scanSession(row []driver.Value) (s auth.Session, err error) {
	s.ID, _ = row[0].(int64)
	s.Account, _ = row[1].(int64)
	s.Mark = sqldb.TextOf(row[2]).String
	for i, at := range []*time.Time{&s.CreatedAt, &s.SeenAt, &s.EndsAt, &s.ConfirmedAt} {
		if *at, err = timeAt(row[3+i], "roster_sessions"); err != nil {
			return s, err
		}
	}
	s.NeedsCode = sqldb.IsTrue(row[7])
	s.Address, s.UserAgent = sqldb.TextOf(row[8]).String, sqldb.TextOf(row[9]).String
	return s, nil
}

// InsertSession implements auth.SessionTx.
func (t tx) InsertSession(digest string, s auth.Session) error {
	_, err := t.Exec(insertSession, digest, s.Account, s.Mark,
		sqldb.FormatTime(s.CreatedAt), sqldb.FormatTime(s.SeenAt), sqldb.FormatTime(s.EndsAt), sqldb.FormatTime(s.ConfirmedAt),
		flag(s.NeedsCode), s.Address, s.UserAgent)
	return err
}

// FindSession implements auth.SessionTx.
func (t tx) FindSession(digest string) (auth.Session, error) {
	found, err := sessions(t, selectSession+t.o.ForUpdate, digest)
	if err != nil {
		return auth.Session{}, err
	}
	if len(found) == 0 {
		return auth.Session{}, errNotFound
	}
	return found[0], nil
}

// UpdateSession implements auth.SessionTx.
func (t tx) UpdateSession(s auth.Session) error {
	_, err := t.Exec(updateSession, sqldb.FormatTime(s.SeenAt), sqldb.FormatTime(s.EndsAt), sqldb.FormatTime(s.ConfirmedAt),
		flag(s.NeedsCode), s.ID)
	return err
}

// Remark implements auth.SessionTx.
func (t tx) Remark(account int64, old, mark string) error {
	if old == mark {
		return nil
	}
	_, err := t.Exec(remark, mark, account, old)
	return err
}

// DeleteSessions implements auth.SessionTx.
func (t tx) DeleteSessions(account int64, which auth.SessionChoice) (int64, error) {
	result, err := t.Exec(deleteSessions, account, which.Only, which.Only, which.Except)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// DropEnded implements auth.SessionTx.
func (t tx) DropEnded(now time.Time) error {
	return t.drop(selectEnded, deleteSession, sqldb.FormatTime(now))
}

// drop deletes the few rows that a query finds, by their first column.
func (t tx) drop(query, statement string, args ...driver.Value) error {
	old, err := sqldb.Texts(t, query+t.o.SkipLocked, args...)
	if err != nil {
		return err
	}
	for _, key := range old {
		if _, err := t.Exec(statement, key); err != nil {
			return err
		}
	}
	return nil
}

// FindFactor implements auth.FactorTx.
func (t tx) FindFactor(account int64) (f auth.Factor, err error) {
	found := false
	err = t.Query(selectFactor+t.o.ForUpdate, func(row []driver.Value) (err error) {
		found = true
		f.Confirmed = sqldb.IsTrue(row[1])
		f.LastUsed, _ = row[2].(int64)
		if err := json.Unmarshal([]byte(sqldb.TextOf(row[3]).String), &f.Recovery); err != nil {
			return unreadable(account, err)
		}
		if f.Key, err = totp.ParseKey(sqldb.TextOf(row[0]).String); err != nil {
			return unreadable(account, err)
		}
		return sqldb.ErrEnough
	}, account)
	if err == nil && !found {
		err = errNotFound
	}
	return f, err
}

func unreadable(account int64, cause error) error {
	return fault.Wrap(fault.Internal, "A stored second factor cannot be read.", fmt.Errorf("roster_totp, account_id %d: %w", account, cause))
}

// SaveFactor implements auth.FactorTx.
func (t tx) SaveFactor(account int64, f auth.Factor) error {
	recovery, err := json.Marshal(f.Recovery)
	if err != nil {
		return err
	}
	_, err = t.Exec(t.o.SaveFactor, account, f.Key.Reveal(), flag(f.Confirmed), f.LastUsed, string(recovery))
	return err
}

// DeleteFactor implements auth.FactorTx.
func (t tx) DeleteFactor(account int64) error {
	_, err := t.Exec(deleteFactor, account)
	return err
}

const countSessions = "SELECT COUNT(*) FROM roster_sessions WHERE ends_at > ?"

// CountSessions returns how many sessions have not ended by that time.
func (s *Store) CountSessions(ctx context.Context, at time.Time) (n int64, err error) {
	err = s.db.Read(ctx, "count sessions", func(c sqldb.Conn) error {
		n, err = sqldb.Integer(c, countSessions, sqldb.FormatTime(at))
		return err
	})
	return n, err
}
