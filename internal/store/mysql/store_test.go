package mysql_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/mysql"
	"roster/internal/store/mysqltest"
	"roster/internal/store/sqldb"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(program{m}) }

// program runs the tests and then ends the servers that they have shared.
type program struct{ *testing.M }

func (p program) Run() int {
	status := p.M.Run()
	if err := mysqltest.EndSharedPair(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return status
}

// openNew returns a migrated store on a new database, and its options.
func openNew(t *testing.T) (*store.Store, mysql.Options) {
	t.Helper()
	o := storetest.NewDatabase(t)
	return open(t, o), o
}

func openMigrated(t *testing.T, o mysql.Options) *store.Store {
	t.Helper()
	s := open(t, o)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatalf("Migrate: %v", err)
	}
	return s
}

func open(t *testing.T, o mysql.Options) *store.Store {
	t.Helper()
	s, err := store.OpenMySQL(t.Context(), o)
	if err != nil {
		t.Fatalf("OpenMySQL: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// someone returns a user of that name.
func someone(name string) user.User {
	at := time.Date(2026, 11, 23, 12, 0, 0, 1000, time.UTC)
	return user.User{Username: name, Email: name + "@example.com", IsActive: true, CreatedAt: at, UpdatedAt: at}
}

// insert stores a user and returns the id.
func insert(t *testing.T, s *store.Store, name string) int64 {
	t.Helper()
	id, err := tryInsert(t, s, name)
	if err != nil {
		t.Fatalf("inserting %s: %v", name, err)
	}
	return id
}

func tryInsert(t *testing.T, s *store.Store, name string) (id int64, err error) {
	t.Helper()
	err = s.InTx(t.Context(), func(tx user.Tx) error {
		stored, err := tx.InsertUser(someone(name))
		id = stored.ID
		return err
	})
	return id, err
}

// exec runs a statement of a test's own within a transaction.
func exec(tx user.Tx, statement string) error {
	conn, ok := tx.(sqldb.Conn)
	if !ok {
		return fmt.Errorf("%T runs no statements", tx)
	}
	_, err := conn.Exec(statement)
	return err
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("got error %v of kind %d, want kind %d", err, fault.KindOf(err), want)
	}
}

func wantTotal(t *testing.T, s *store.Store, want int64) {
	t.Helper()
	if got, err := s.CountUsers(t.Context(), user.Query{}); err != nil || got != want {
		t.Errorf("CountUsers: got %d, %v; want %d", got, err, want)
	}
}

// ask runs a query that returns one text within a transaction.
func ask(t *testing.T, tx user.Tx, query string) string {
	t.Helper()
	conn, ok := tx.(sqldb.Conn)
	if !ok {
		t.Fatalf("%T runs no statements", tx)
	}
	texts, err := sqldb.Texts(conn, query)
	if err != nil || len(texts) != 1 {
		t.Fatalf("%s: got %v, %v", query, texts, err)
	}
	return texts[0]
}
