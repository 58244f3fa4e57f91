package store

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"roster/internal/store/sqldb"
	"roster/internal/user"
)

// Up to how many candidates a search looks at instead of all users: where it
// orders all that it finds, where it looks at all, and where it ends once it has
// found enough.
const (
	maxOrdered = 10_000
	maxLooked  = 50_000
	maxCounted = 200_000
)

// StartIndex makes the index of searches and keeps it until stop is called,
// which waits for the step under way. Without it searches find the same, but
// take longer. Of several processes one at a time keeps the index of a database.
func (s *Store) StartIndex(log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { s.words.Run(ctx, log) })
	return func() {
		cancel()
		work.Wait()
	}
}

// Index brings all users into the index of searches that are not in it, at
// once. The error is of kind Conflict while another process keeps the index.
func (s *Store) Index(ctx context.Context) error { return s.words.Work(ctx) }

// IsIndexed reports whether searches use the index.
func (s *Store) IsIndexed(ctx context.Context) (bool, error) { return s.words.IsComplete(ctx) }

// candidates are users of whom a query finds none but some.
type candidates struct {
	ids   []int64
	known bool // else all users are
}

// candidates returns whom q may find, if they are no more than limit.
func (s *Store) candidates(c sqldb.Conn, q user.Query, limit int) (found candidates, err error) {
	if q.Search == "" {
		return found, nil
	}
	found.ids, found.known, err = s.words.Candidates(c, q.Words(), limit)
	return found, err
}

// changed joins a condition on each of the columns that are searched.
func changed(condition, operator string) string {
	conditions := []string{fmt.Sprintf(condition, "id")}
	for _, c := range userFields {
		if c.Searched {
			conditions = append(conditions, fmt.Sprintf(condition, c.Name))
		}
	}
	return strings.Join(conditions, operator)
}
