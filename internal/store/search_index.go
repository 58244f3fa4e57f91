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

// The maximum numbers of candidates for which a search uses the index instead
// of scanning all users: if it sorts all matches, if it reads all matches, and
// if it stops after enough matches.
const (
	maxOrdered = 10_000
	maxLooked  = 50_000
	maxCounted = 200_000
)

// StartIndex builds and maintains the search index until stop is called, which
// waits for the current step. Without it, searches have the same results, but
// are slower. If several processes call it, one at a time updates the index.
func (s *Store) StartIndex(log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { s.words.Run(ctx, log) })
	return func() {
		cancel()
		work.Wait()
	}
}

// Index indexes all pending users immediately. The error is of kind Conflict
// while another process updates the index.
func (s *Store) Index(ctx context.Context) error { return s.words.Work(ctx) }

// IsIndexed reports whether searches use the index.
func (s *Store) IsIndexed(ctx context.Context) (bool, error) { return s.words.IsComplete(ctx) }

// candidates are a superset of the users that match a query.
type candidates struct {
	ids   []int64
	known bool // if false, all users are candidates
}

// candidates returns the candidates for q, if there are at most limit.
func (s *Store) candidates(c sqldb.Conn, q user.Query, limit int) (found candidates, err error) {
	words := append(q.Words(), filterWords(q.Condition())...)
	if len(words) == 0 {
		return found, nil
	}
	found.ids, found.known, err = s.words.Candidates(c, words, limit)
	return found, err
}

// changed applies a condition to each of the searched columns.
func changed(condition, operator string) string {
	conditions := []string{fmt.Sprintf(condition, "id")}
	for _, c := range userFields {
		if c.Searched {
			conditions = append(conditions, fmt.Sprintf(condition, c.Name))
		}
	}
	return strings.Join(conditions, operator)
}
