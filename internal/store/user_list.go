package store

import (
	"context"
	"database/sql/driver"
	"slices"
	"strings"

	"roster/internal/query"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

var (
	selectUser = "SELECT " + userColumns + " FROM t_users WHERE id = ?"

	selectPage = "SELECT " + userColumns + " FROM t_users" + newestFirst + " OFFSET ?"

	// Only SQLite knows the total without counting, and so can read from the
	// other end; it finds the page's first row in the index.
	selectDeepPageFromEnd = "SELECT " + userColumns + " FROM t_users WHERE (created_at, id) >=" +
		" (SELECT created_at, id FROM t_users ORDER BY created_at ASC, id ASC LIMIT 1 OFFSET ?)" + oldestFirst
)

const (
	newestFirst = " ORDER BY created_at DESC, id DESC LIMIT ?"
	oldestFirst = " ORDER BY created_at ASC, id ASC LIMIT ?"
)

// deepOffset is the offset from which finding the page's first row separately
// is faster.
const deepOffset = 100

// FindUser returns one user.
func (s *Store) FindUser(ctx context.Context, id int64) (user.User, error) {
	var f found
	err := s.db.Read(ctx, "find user", func(c sqldb.Conn) error { return f.find(c, selectUser, id) })
	s.note(f.user)
	return f.user, err
}

// ListUsers returns up to limit users that match q, in its order, after
// skipping offset. A negative offset counts as 0; a limit below 1 returns none.
func (s *Store) ListUsers(ctx context.Context, q user.Query, offset int64, limit int) (users []user.User, err error) {
	if limit < 1 {
		return nil, nil
	}
	offset = max(offset, 0)
	if all := (user.Query{Order: q.Order, Cursor: q.Cursor}); q.Cursor != (query.Cursor{}) && q == all && isIndexed(q) {
		return s.listFrom(ctx, q, limit)
	}
	if q != (user.Query{}) {
		return s.findUsers(ctx, q, offset, limit)
	}
	err = s.db.Read(ctx, "list users", func(c sqldb.Conn) error {
		users, err = s.listUsers(c, offset, limit)
		return err
	})
	return users, err
}

// listFrom reads users from a cursor in the order of an index.
func (s *Store) listFrom(ctx context.Context, q user.Query, limit int) (users []user.User, err error) {
	statement, args := s.selectFrom(q)
	err = s.db.Read(ctx, "list users", func(c sqldb.Conn) error {
		users, err = s.selectUsers(c, statement, limit, append(args, int64(limit))...)
		return err
	})
	return users, err
}

// selectFrom returns the statement of listFrom, and its arguments except the limit.
func (d *dialect) selectFrom(q user.Query) (statement string, args []driver.Value) {
	w := d.filter(candidates{}, q, "is_active")
	return "SELECT " + userColumns + " FROM t_users" + w.String() + d.order(q, "") + " LIMIT ?", w.args
}

// listUsers reads a page of all users, newest first.
func (s *Store) listUsers(c sqldb.Conn, offset int64, limit int) ([]user.User, error) {
	if offset < deepOffset {
		return s.selectUsers(c, selectPage, limit, int64(limit), offset)
	}
	users, ok, err := s.listFromEnd(c, offset, limit)
	if ok || err != nil {
		return users, err
	}
	return s.selectUsers(c, s.deepPage, limit, offset, int64(limit))
}

// listFromEnd reads a page of the older half, starting from the oldest user. It
// returns false if the page is not in that half, or if the total is unknown or
// changed in the meantime.
func (s *Store) listFromEnd(c sqldb.Conn, offset int64, limit int) (users []user.User, ok bool, err error) {
	total, before, ok := s.db.Known(sqldb.Total)
	if !ok || offset < total/2 {
		return nil, false, nil
	}
	take := min(int64(limit), total-offset)
	if take <= 0 {
		return nil, true, nil
	}
	users, err = s.selectUsers(c, selectDeepPageFromEnd, int(take), total-offset-take, take)
	if err != nil {
		return nil, false, err
	}
	if after, known := s.db.Generation(); !known || after != before {
		return nil, false, nil
	}
	slices.Reverse(users)
	return users, true, nil
}

func (s *Store) selectUsers(c sqldb.Conn, query string, limit int, args ...driver.Value) ([]user.User, error) {
	users := make([]user.User, 0, min(limit, 1000))
	err := c.Query(query, func(row []driver.Value) error {
		users = append(users, user.User{})
		scanUser(row, &users[len(users)-1])
		return nil
	}, args...)
	s.note(users...)
	return users, err
}

// note logs the users that cannot be read completely.
func (s *Store) note(users ...user.User) {
	for i := range users {
		if u := &users[i]; u.Unreadable.Any() {
			s.unreadable.note("t_users", u.ID, strings.Join(u.Unreadable.Fields(), ", "))
		}
	}
}

// found is the result of a query for one user.
type found struct {
	user user.User
	ok   bool
}

func (f *found) scan(row []driver.Value) error {
	f.ok = true
	scanUser(row, &f.user)
	return sqldb.ErrEnough
}

// find runs a query for one user by id.
func (f *found) find(c sqldb.Conn, query string, id int64) error {
	f.ok = false
	err := c.Query(query, f.scan, id)
	if err == nil && !f.ok {
		err = errNotFound
	}
	return err
}
