package sqlite_test

import (
	"bytes"
	"context"
	"database/sql/driver"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/store"
	"roster/internal/store/sqlite"
	"roster/internal/store/storetest"
)

// selectSchema selects the tables and indexes of Django's that Roster makes.
const selectSchema = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name NOT LIKE 'roster%' AND tbl_name NOT LIKE 'sqlite%'" +
	" AND tbl_name <> 'django_migrations' ORDER BY name"

func TestMigrate_MakesDjangosTables(t *testing.T) {
	t.Parallel()
	ours, djangos := filepath.Join(t.TempDir(), "ours"), djangoFile(t)
	openMigrated(t, ours)
	got, want := runSQL(t, ours, selectSchema), runSQL(t, djangos, selectSchema)
	if diff := cmp.Diff(want, got); diff != "" || len(want) != 45 {
		t.Errorf("%d tables and indexes of Django's: %s", len(want), diff)
	}
	for _, rows := range []string{
		"SELECT id, app_label, model FROM django_content_type ORDER BY id",
		"SELECT id, content_type_id, codename, name FROM auth_permission WHERE codename <> 'mail_tuser' ORDER BY id",
	} {
		got, want := runSQL(t, ours, rows), runSQL(t, djangos, rows)
		if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("%s: %d rows of Django's: %s", rows, len(want), diff)
		}
	}
	if got := runSQL(t, ours, "PRAGMA foreign_key_check"); len(got) != 0 {
		t.Errorf("got rows that refer to none: %v", got)
	}
}

// TestMigrate_AddsMissingRows has Django's rows in part, and one of another
// app: what is there stays.
func TestMigrate_AddsMissingRows(t *testing.T) {
	t.Parallel()
	path := djangoFile(t)
	runSQL(t, path, "DELETE FROM auth_permission WHERE codename IN ('view_session', 'add_session')")
	runSQL(t, path, "UPDATE auth_permission SET name = 'Darf lesen' WHERE codename = 'view_user'")
	runSQL(t, path, "INSERT INTO django_content_type (app_label, model) VALUES ('shop', 'order')")
	const rows = "SELECT t.app_label, p.codename, p.name FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id"
	want := append(runSQL(t, path, rows), "sessions|add_session|Can add session", "sessions|view_session|Can view session",
		"users|mail_tuser|Can send mail to users")
	openMigrated(t, path)
	got := runSQL(t, path, rows)
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestMigrate_Twice(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "db.sqlite3"))
	pending, err := s.Pending(t.Context())
	if err != nil || !slices.Equal(pending, storetest.Migrations(t, "sqlite")) {
		t.Errorf("Pending: got %v, %v; want all migrations", pending, err)
	}
	for _, want := range []int{len(pending), 0, 0} {
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
	if got := runSQL(t, path, "SELECT name FROM sqlite_master"); len(got) != 0 {
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
	if want := len(storetest.Migrations(t, "sqlite")); total.Load() != int64(want) {
		t.Errorf("got %d migrations applied by all, want %d", total.Load(), want)
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

// TestDrill_MigrationKilled kills a process before one of its statements, and
// finishes what it left. The long drill kills it before each of them.
func TestDrill_MigrationKilled(t *testing.T) {
	t.Parallel()
	stride, last := 20, 0
	if os.Getenv("ROSTER_DRILL") == "long" {
		stride = 1
	}
	for n := 1; ; n += 1 + rand.IntN(stride) {
		path := filepath.Join(t.TempDir(), "db.sqlite3")
		out, err := child(t, "migrate", path, strconv.Itoa(n)).CombinedOutput()
		openMigrated(t, path)
		wantMigrated(t, path)
		if err == nil {
			break // it had fewer statements
		}
		if last = n; last > 400 {
			t.Fatalf("the child never finishes: %v: %s", err, out)
		}
	}
	if last < 50 {
		t.Errorf("killed before statement %d at the latest, want each statement, begin and commit to count", last)
	}
}

// wantMigrated checks that each migration is noted once and the tables are whole.
func wantMigrated(t *testing.T, path string) {
	t.Helper()
	versions := runSQL(t, path, "SELECT version_id FROM roster_migrations ORDER BY version_id")
	if want := storetest.Migrations(t, "sqlite"); len(versions) != len(want)+1 || versions[0] != "0" || versions[len(want)] != strconv.Itoa(len(want)) {
		t.Errorf("got versions %v, want 0 to %d once each", versions, len(want))
	}
	if got := runSQL(t, path, "SELECT COUNT(*) FROM ("+selectSchema+")"); !slices.Equal(got, []string{"45"}) {
		t.Errorf("got %v, want Django's 45 tables and indexes", got)
	}
	if got := runSQL(t, path, "SELECT COUNT(*) FROM auth_permission"); !slices.Equal(got, []string{"53"}) {
		t.Errorf("got %v permissions, want Django's 52 and one of Roster", got)
	}
	if got := runSQL(t, path, "PRAGMA integrity_check"); !slices.Equal(got, []string{"ok"}) {
		t.Errorf("integrity_check: %v", got)
	}
}

// runSQL runs a statement on the file at path.
func runSQL(t testing.TB, path, statement string) []string {
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
