package store

import (
	"context"

	"roster/internal/query"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

const (
	// newestTrash is the order of deleted users.
	newestTrash = " ORDER BY deleted_at DESC, id DESC LIMIT ?"

	// trashWithin are the deleted users that a search looks at.
	trashWithin = "(SELECT * FROM roster_trash" + newestTrash + ") AS newest"
)

// ListTrash implements user.TrashStore.
func (s *Store) ListTrash(ctx context.Context, search string, offset int64, limit int) ([]user.Trashed, error) {
	from, w := s.trashFilter(search)
	var found []user.Trashed
	err := s.scan(ctx, "list deleted users", func(c sqldb.Conn) (err error) {
		found, err = all(c, scanTrashed, selectTrashed+from+w.String()+newestTrash+" OFFSET ?", w.with(int64(limit), offset)...)
		return err
	})
	return found, err
}

// CountTrash implements user.TrashStore.
func (s *Store) CountTrash(ctx context.Context, search string) (n int64, err error) {
	from, w := s.trashFilter(search)
	err = s.scan(ctx, "count deleted users", func(c sqldb.Conn) (err error) {
		n, err = sqldb.Integer(c, "SELECT COUNT(*) FROM "+from+w.String(), w.args...)
		return err
	})
	return n, err
}

// trashFilter returns the table and the condition of a search.
func (s *Store) trashFilter(search string) (from string, w where) {
	words := query.Words(search)
	if len(words) == 0 {
		return "roster_trash", w
	}
	w.args = append(w.args, int64(user.TrashSearched))
	s.addWords(&w, words, "username", "email", "first_name", "last_name")
	return trashWithin, w
}

// FindTrashed implements user.TrashStore.
func (s *Store) FindTrashed(ctx context.Context, id int64) (user.Trashed, error) {
	return read(ctx, s, "find a deleted user", func(c sqldb.Conn) (user.Trashed, error) { return one(c, scanTrashed, findTrash, id) })
}

// InTrashTx implements user.TrashStore.
func (s *Store) InTrashTx(ctx context.Context, fn func(user.TrashTx) error) error {
	return s.write(ctx, func(t *tx) error { return fn(t) })
}
