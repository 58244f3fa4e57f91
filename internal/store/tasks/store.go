// Package tasks keeps background tasks, the workers that run them, the slots of
// schedules, and what the kinds of package job need: reports and deliveries. The
// schedules are on the tables of django-celery-beat, the rest is on Roster's own.
package tasks

import (
	"context"
	"database/sql/driver"
	"strings"
	"time"
	"unicode/utf8"

	"roster/internal/audit"
	"roster/internal/job"
	"roster/internal/store/sqldb"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/tracing"
	"roster/internal/user"
)

var (
	_ task.Storage   = (*Store)(nil)
	_ task.Store     = (*Store)(nil)
	_ task.Timetable = (*Store)(nil)
	_ periodic.Store = (*Store)(nil)
	_ job.Reports    = (*Store)(nil)

	_ job.ReportReader = (*Store)(nil)
	_ job.Deliveries   = (*Store)(nil)
)

// Options say what differs between databases, and what other packages know.
type Options struct {
	ForUpdate  string // locks the rows that a SELECT finds until the transaction ends
	SkipLocked string // the same, leaving out those that another transaction has locked
	ByID       string // follows the name of a table whose rows are to be gone through by id; "": the database knows when
	Clock      string // selects the time that all who use the database share; "": they share a machine's
	// Filter returns the condition, with WHERE, that users are found by a query.
	Filter func(q user.Query) (where string, args []driver.Value)
	// HasWord returns the condition that one of the columns holds a word, and the
	// word's pattern, its argument.
	HasWord func(word string, columns ...string) (condition, pattern string)
	// Record keeps an entry of the audit trail.
	Record func(t sqldb.Tx, e audit.Entry) error
}

// Store is a task.Storage, task.Store, task.Timetable, periodic.Store,
// job.Reports and job.Deliveries. It is safe for concurrent use.
type Store struct {
	db       sqldb.Database
	o        Options
	enqueued chan struct{} // holds a token when tasks were stored that nobody was told of
	tell     func(queues []string)
}

// New returns a store on a database.
func New(db sqldb.Database, o Options) *Store {
	return &Store{db: db, o: o, enqueued: make(chan struct{}, 1), tell: func([]string) {}}
}

// OnEnqueue has tell called after each commit that made tasks pending, with their
// queues, of which one may be there twice; "" stands for any. tell must not wait.
// It is to be called before the store is used by many at once.
func (s *Store) OnEnqueue(tell func(queues []string)) { s.tell = tell }

// Enqueued implements task.Queue.
func (s *Store) Enqueued() <-chan struct{} { return s.enqueued }

// Wake tells that tasks were made pending in those queues: whoever waits for
// Enqueued, once however often it is called before, and whom OnEnqueue names.
// Without a queue it does nothing.
func (s *Store) Wake(queues []string) {
	if len(queues) == 0 {
		return
	}
	s.tell(queues)
	select {
	case s.enqueued <- struct{}{}:
	default:
	}
}

// InTaskTx implements task.Store.
func (s *Store) InTaskTx(ctx context.Context, fn func(task.Tx) error) error {
	return s.write(ctx, func(t tx) error { return fn(t) })
}

// InBeatTx implements task.Timetable.
func (s *Store) InBeatTx(ctx context.Context, fn func(task.BeatTx) error) error {
	return s.write(ctx, func(t tx) error { return fn(t) })
}

// InPeriodicTx implements periodic.Store.
func (s *Store) InPeriodicTx(ctx context.Context, fn func(periodic.Tx) error) error {
	return s.write(ctx, func(t tx) error { return fn(t) })
}

// write runs fn in a transaction, and tells of tasks that it has stored.
func (s *Store) write(ctx context.Context, fn func(tx) error) error {
	var queues []string
	trace := tracing.Parent(ctx)
	err := s.db.Write(ctx, func(t sqldb.Tx) error {
		queues = nil
		return fn(tx{t, &s.o, &queues, trace})
	})
	if err == nil {
		s.Wake(queues)
	}
	return err
}

// tx is a task.Tx, task.BeatTx and periodic.Tx within a transaction of the database.
type tx struct {
	sqldb.Tx
	o      *Options
	queues *[]string // of the tasks that were made pending
	trace  string    // that the tasks are part of
}

// Record implements audit.Recorder.
func (t tx) Record(e audit.Entry) error { return t.o.Record(t.Tx, e) }

// Enqueue implements task.Enqueuer.
func (t tx) Enqueue(n task.New) (int64, error) {
	id, err := Enqueue(t.Tx, n, t.trace)
	*t.queues = append(*t.queues, n.Queue)
	return id, err
}

// flag returns a boolean as Django stores it.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// cut returns the first n code points of what MySQL stores.
func cut(s string, n int) string {
	s = storable(s)
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

// storable replaces what is no UTF-8, such as servers say and panics hold: MySQL
// refuses a row that has it.
func storable(s string) string { return strings.ToValidUTF8(s, string(utf8.RuneError)) }

func timeOrNull(t time.Time) driver.Value {
	if t.IsZero() {
		return nil
	}
	return sqldb.FormatTime(t)
}

func textOrNull(s string) driver.Value {
	if s == "" {
		return nil
	}
	return s
}

func intOf(value driver.Value) int {
	n, _ := value.(int64)
	return int(n)
}

// marks returns n placeholders for a list.
func marks(n int) string { return "(?" + strings.Repeat(", ?", n-1) + ")" }

func values(texts []string) []driver.Value {
	all := make([]driver.Value, len(texts))
	for i, text := range texts {
		all[i] = text
	}
	return all
}
