package sqlite_test

import (
	"bytes"
	"context"
	"database/sql/driver"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"roster/internal/store"
	"roster/internal/store/sqlite"
)

const selectSchema = "SELECT type, name, sql FROM sqlite_master WHERE name IN ('t_users', 'idx_is_active', 'idx_created_at') ORDER BY name"

func TestMigrate_MakesDjangosTable(t *testing.T) {
	t.Parallel()
	ours, djangos := filepath.Join(t.TempDir(), "ours"), djangoFile(t)
	openMigrated(t, ours)
	got, want := query(t, ours, selectSchema), query(t, djangos, selectSchema)
	if len(want) != 3 || !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant Django's\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestMigrate_Twice(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "db.sqlite3"))
	pending, err := s.Pending(t.Context())
	if err != nil || !slices.Equal(pending, []string{"00001_t_users.sql"}) {
		t.Errorf("Pending: got %v, %v; want the one migration", pending, err)
	}
	for _, want := range []int{1, 0, 0} {
		if got, err := s.Migrate(t.Context()); err != nil || got != want {
			t.Errorf("Migrate: got %d, %v; want %d", got, err, want)
		}
	}
	if pending, err := s.Pending(t.Context()); err != nil || len(pending) != 0 {
		t.Errorf("Pending: got %v, %v; want none", pending, err)
	}
}

func TestPending_ChangesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	s := open(t, path)
	if _, err := s.Pending(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := query(t, path, "SELECT name FROM sqlite_master"); len(got) != 0 {
		t.Errorf("got %v, want no tables", got)
	}
}

func TestMigrate_ManyStoresAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	stores := []*store.Store{open(t, path), open(t, path), open(t, path), open(t, path)}
	var total atomic.Int64
	var wait sync.WaitGroup
	for _, s := range stores {
		wait.Go(func() {
			n, err := s.Migrate(t.Context())
			if err != nil {
				t.Errorf("Migrate: %v", err)
			}
			total.Add(int64(n))
		})
	}
	wait.Wait()
	if total.Load() != 1 {
		t.Errorf("got %d migrations applied by all, want 1", total.Load())
	}
	wantMigrated(t, path)
}

func TestMigrate_ProcessesAtOnce(t *testing.T) {
	t.Parallel()
	for range 3 {
		path := filepath.Join(t.TempDir(), "db.sqlite3")
		var wait sync.WaitGroup
		for range 3 {
			wait.Go(func() {
				if out, err := child(t, "migrate", path, "0").CombinedOutput(); err != nil {
					t.Errorf("child: %v: %s", err, out)
				}
			})
		}
		wait.Wait()
		wantMigrated(t, path)
	}
}

// TestMigrate_Killed kills a process before its first, second, third …
// statement, and finishes each time what it left.
func TestMigrate_Killed(t *testing.T) {
	t.Parallel()
	killed := 0
	for n := 1; ; n++ {
		path := filepath.Join(t.TempDir(), "db.sqlite3")
		out, err := child(t, "migrate", path, strconv.Itoa(n)).CombinedOutput()
		openMigrated(t, path)
		wantMigrated(t, path)
		if err == nil {
			break // it had fewer statements
		}
		if killed++; killed > 100 {
			t.Fatalf("the child never finishes: %v: %s", err, out)
		}
	}
	if killed < 8 {
		t.Errorf("killed %d times, want one for each statement and each begin and commit", killed)
	}
}

// wantMigrated checks that each migration is noted once and the table is whole.
func wantMigrated(t *testing.T, path string) {
	t.Helper()
	if got := query(t, path, "SELECT version_id FROM roster_migrations ORDER BY version_id"); !slices.Equal(got, []string{"0", "1"}) {
		t.Errorf("got versions %v, want 0 and 1 once each", got)
	}
	if got := query(t, path, selectSchema); len(got) != 3 {
		t.Errorf("got %v, want the table and its two indexes", got)
	}
	if got := query(t, path, "PRAGMA integrity_check"); !slices.Equal(got, []string{"ok"}) {
		t.Errorf("integrity_check: %v", got)
	}
}

// query runs a statement on the file at path.
func query(t testing.TB, path, statement string) []string {
	t.Helper()
	rows, err := sqlite.Query(path, statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return rows
}

// childVariable makes the test binary do what it says instead of testing.
const childVariable = "ROSTER_STORE_TEST_CHILD"

// child returns a process of this test binary that does something by itself.
func child(t testing.TB, words ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+strings.Join(words, "\n"))
	return cmd
}

func runChild(text string) error {
	words := strings.Split(text, "\n")
	ctx := context.Background()
	file, err := sqlite.Open(sqlite.Options{Path: words[1], Readers: 1})
	if err != nil {
		return err
	}
	s, err := store.OnSQLite(ctx, file)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(words[2])
	if err != nil {
		return err
	}
	switch words[0] {
	case "migrate":
		sqlite.WrapMigrations(file, func(c driver.Connector) driver.Connector { return &killer{Connector: c, left: n} })
		_, err = s.Migrate(ctx)
	case "insert":
		err = insertUntilKilled(ctx, s, n)
	case "write":
		err = writeAtRandom(ctx, s, fmt.Sprint("child", os.Getpid()), n)
	default:
		err = fmt.Errorf("unknown word %q", words[0])
	}
	if err != nil {
		return err
	}
	return s.Close()
}

// killMyself ends the process at once, as kill -9 does.
func killMyself() {
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		_ = p.Kill()
	}
	select {} // until it arrives
}

// killer kills the process before the statement that makes left zero.
type killer struct {
	driver.Connector
	left int
}

func (k *killer) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	return killerConn{c, k}, err
}

func (k *killer) count() {
	if k.left--; k.left == 0 {
		killMyself()
	}
}

type killerConn struct {
	driver.Conn
	k *killer
}

func (c killerConn) Prepare(query string) (driver.Stmt, error) {
	c.k.count()
	return c.Conn.Prepare(query)
}

func (c killerConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	c.k.count()
	beginner, ok := c.Conn.(driver.ConnBeginTx)
	if !ok {
		return nil, fmt.Errorf("%T has no BeginTx", c.Conn)
	}
	began, err := beginner.BeginTx(ctx, o)
	return killerTx{began, c.k}, err
}

type killerTx struct {
	driver.Tx
	k *killer
}

func (t killerTx) Commit() error {
	t.k.count()
	return t.Tx.Commit()
}

// Looking at a database of Django's leaves every byte of it as it was.
func TestInspect_ChangesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	if pending, err := store.Inspect(path); err != nil || len(pending) == 0 {
		t.Errorf("no file: got %v, %v, want all migrations", pending, err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file was made")
	}
	path = djangoFile(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if pending, err := store.Inspect(path); err != nil || len(pending) == 0 {
		t.Errorf("Django's file: got %v, %v, want all migrations", pending, err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed, or %v", err)
	}
	openMigrated(t, path)
	if pending, err := store.Inspect(path); err != nil || len(pending) != 0 {
		t.Errorf("migrated: got %v, %v, want none", pending, err)
	}
}
