package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"roster/internal/store"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
)

// A backup is noted with what it had, and the newest is found.
func TestRecordBackup(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			if got, err := s.LastBackup(t.Context()); err != nil || got != (store.Backup{}) {
				t.Errorf("got %+v, %v, want none", got, err)
			}
			at := time.Date(2026, 11, 27, 6, 30, 0, 123456000, time.UTC)
			want := store.Backup{Created: at, Path: "/srv/é.backup", Bytes: 1 << 40, Rows: 7, Digest: strings.Repeat("a", 64)}
			old := want
			old.Created = at.Add(-time.Hour)
			for _, b := range []store.Backup{want, old} {
				if err := s.RecordBackup(t.Context(), b); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := s.LastBackup(t.Context()); err != nil || got != want {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		})
	}
}

// strange makes a table that has what a dump may get wrong, and rows.
const strange = "CREATE TABLE `other ``x``` (a int NOT NULL, `b c` varbinary(300), f float, d double, t time(6), y year, n decimal(30,10)," +
	" j json, z datetime(6), bits bit(9), l varchar(20) CHARACTER SET latin1, g int AS (a * 2) STORED, e enum('a','b;\n)'), PRIMARY KEY (a, l)," +
	" CONSTRAINT positive CHECK (a > -10), CONSTRAINT beloved FOREIGN KEY (a) REFERENCES a_parent (id)) COMMENT 'it''s\n)' AUTO_INCREMENT=1;"

const strangeRows = "SET sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO';" +
	" INSERT INTO a_parent VALUES (0, 'zero'), (1, 'ünïcödé 🙂'), (2, NULL);" +
	" INSERT INTO `other ``x``` (a, `b c`, f, d, t, y, n, j, z, bits, l, e) VALUES" +
	" (1, UNHEX('00FF0A27225C1A80'), 0.1, 1.7976931348623157e308, '-838:59:58.000001', 2155, 12345678901234567890.0123456789," +
	` '{"a": [1, "é\\n", null]}', '0000-00-00 00:00:00', b'101010101', 'café', 'b;` + "\n" + `)'),` +
	" (2, '', 3.4028235e38, 5e-324, NULL, NULL, NULL, NULL, '2026-11-27 06:30:00.000001', NULL, '', NULL);" +
	" ALTER TABLE a_parent AUTO_INCREMENT = 4711;"

const strangeDigest = "SELECT a, HEX(`b c`), CAST(f AS DOUBLE), d, t, y, n, j, CAST(z AS CHAR), HEX(bits), l, HEX(l), g, HEX(e) FROM `other ``x``` ORDER BY a"

// A restored database is the one that was dumped: every kind of value, names,
// keys, constraints, and the next number of an id.
func TestSnapshot_ExactOnMySQL(t *testing.T) {
	t.Parallel()
	from, to := mysqltest.NewDatabase(t), mysqltest.NewDatabase(t)
	admin := mysqltest.Connect(t, from.Database)
	mysqltest.Exec(t, admin, storetest.DjangoOnMySQL)
	mysqltest.Exec(t, admin, "CREATE TABLE a_parent (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(50));"+strange+strangeRows)
	s, err := store.OpenMySQL(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	var dump, again bytes.Buffer
	rows, err := s.Snapshot(t.Context(), &dump)
	if err != nil || rows["t_users"] < 100 || rows["other `x`"] != 2 {
		t.Fatalf("got %v, %v", rows, err)
	}
	whole := dump.Bytes()
	for range 2 { // the second in the place of the first
		if err := store.RestoreMySQL(t.Context(), to, true, bytes.NewReader(whole)); err != nil {
			t.Fatal(err)
		}
	}
	restored := mysqltest.Connect(t, to.Database)
	for _, query := range []string{strangeDigest, "SELECT id, HEX(name) FROM a_parent ORDER BY id", "SELECT * FROM t_users ORDER BY id",
		"SELECT * FROM auth_user ORDER BY id", "SELECT * FROM django_celery_beat_periodictask ORDER BY id"} {
		if got, want := mysqltest.Rows(t, restored, query), mysqltest.Rows(t, admin, query); !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	for table := range rows {
		query := "SHOW CREATE TABLE `" + strings.ReplaceAll(table, "`", "``") + "`"
		got, want := mysqltest.Rows(t, restored, query), mysqltest.Rows(t, admin, query)
		if !slices.Equal(lines(got), lines(want)) {
			t.Errorf("%s: got %s, want %s", table, got, want)
		}
	}
	if err := restored.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := store.OpenMySQL(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if found, err := r.Snapshot(t.Context(), &again); err != nil || !maps.Equal(found, rows) || again.Len() < len(whole)/2 {
		t.Errorf("got %v, %v, want %v", found, err, rows)
	}
}

// lines returns the lines of texts in order: that of constraints is not kept, nor
// whether a character set is named that the collation implies.
func lines(texts []string) (all []string) {
	for line := range strings.SplitSeq(strings.Join(texts, "\n"), "\n") {
		all = append(all, strings.TrimSuffix(strings.ReplaceAll(line, "CHARACTER SET utf8mb4 COLLATE", "COLLATE"), ","))
	}
	slices.Sort(all)
	return all
}

// What is refused or fails in the middle changes nothing, and leaves nothing.
func TestRestoreMySQL_LeavesTheOldDatabase(t *testing.T) {
	t.Parallel()
	o := mysqltest.NewDatabase(t)
	s, err := store.OpenMySQL(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	db := mysqltest.Connect(t, o.Database)
	mysqltest.Exec(t, db, "INSERT INTO t_users VALUES (7, 'ann', 'ann@example.com', '', '', '', '', 1, NOW(6), NOW(6))")
	var dump bytes.Buffer
	if _, err := s.Snapshot(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	whole, broken := dump.Bytes(), errors.New("the file is cut short")
	restore := func(overwrite bool, content io.Reader) error {
		return store.RestoreMySQL(t.Context(), o, overwrite, content)
	}
	if err := restore(true, bytes.NewReader(whole)); err == nil || !strings.Contains(err.Error(), "other connection") {
		t.Errorf("got %v, want a refusal while others are connected", err)
	}
	tables := mysqltest.Rows(t, db, "SHOW TABLES")
	if err := errors.Join(s.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := restore(false, bytes.NewReader(whole)); err == nil || !strings.Contains(err.Error(), "holds 1 row in t_users; --overwrite") {
		t.Errorf("got %v, want a refusal of a database with users", err)
	}
	for _, content := range []io.Reader{
		bytes.NewReader(nil), bytes.NewReader(whole[:len(whole)/2]), strings.NewReader("\x05hello"),
		io.MultiReader(bytes.NewReader(whole), iotest.ErrReader(broken)),
	} {
		if err := restore(true, content); err == nil {
			t.Error("half a dump was restored")
		}
	}
	db = mysqltest.Connect(t, o.Database)
	if got := mysqltest.Rows(t, db, "SHOW TABLES"); !slices.Equal(got, tables) {
		t.Errorf("got tables %v, want %v", got, tables)
	}
	if got := mysqltest.Rows(t, db, "SELECT id, username FROM t_users"); !slices.Equal(got, []string{"7|ann"}) {
		t.Errorf("got %v", got)
	}
	mysqltest.Exec(t, db, "CREATE TABLE outside (id int PRIMARY KEY, CONSTRAINT outside_fk FOREIGN KEY (id) REFERENCES t_users (id))")
	_ = db.Close()
	if err := restore(true, bytes.NewReader(whole)); err == nil || !strings.Contains(err.Error(), "outside to t_users") {
		t.Errorf("got %v, want a refusal of what would lose its parent", err)
	}
}

// A SQLite file is replaced only by what is whole, and only while no one has it open.
func TestRestoreSQLite(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	var file bytes.Buffer
	rows, err := s.Snapshot(t.Context(), &file)
	if err != nil || rows["auth_permission"] == 0 {
		t.Fatalf("got %v, %v", rows, err)
	}
	path := filepath.Join(t.TempDir(), "a [b]*", "x.db")
	restore := func(overwrite bool, content io.Reader) error {
		return store.RestoreSQLite(t.Context(), path, overwrite, content)
	}
	if err := restore(false, &file); err == nil || !strings.Contains(err.Error(), "directory") {
		t.Errorf("got %v, want a refusal without the directory", err)
	}
	path = filepath.Join(filepath.Dir(filepath.Dir(path)), "x.db")
	whole := file.Bytes()
	if err := restore(false, bytes.NewReader(whole)); err != nil {
		t.Fatal(err)
	}
	held, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := restore(true, bytes.NewReader(whole)); err == nil || !strings.Contains(err.Error(), "has the database open") {
		t.Errorf("got %v, want a refusal while it is open", err)
	}
	if err := errors.Join(held.InPlace(), held.Close()); err != nil {
		t.Fatal(err)
	}
	insertUser(t, path)
	if err := restore(false, bytes.NewReader(whole)); err == nil || !strings.Contains(err.Error(), "holds 1 row in t_users; --overwrite") {
		t.Errorf("got %v, want a refusal of a file with users", err)
	}
	damaged := bytes.Clone(whole)
	for i := 4096; i < 3*4096; i++ {
		damaged[i] ^= 0x55
	}
	for _, content := range []io.Reader{
		bytes.NewReader(damaged), bytes.NewReader(whole[:5000]), strings.NewReader(strings.Repeat("no database ", 500)),
		io.MultiReader(bytes.NewReader(whole), iotest.ErrReader(errors.New("cut short"))),
	} {
		if err := restore(true, content); err == nil {
			t.Error("what is not whole was restored")
		}
	}
	if n := countUsers(t, path); n != 1 {
		t.Errorf("got %d users, want the one who was there", n)
	}
	if err := restore(true, bytes.NewReader(whole)); err != nil {
		t.Fatal(err)
	}
	if n := countUsers(t, path); n != 0 {
		t.Errorf("got %d users, want none as in the backup", n)
	}
	if found, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.db?*")); err != nil || len(found) != 0 {
		t.Errorf("got %v, %v, want nothing beside the file", found, err)
	}
}

// A file that another program holds cannot be replaced either, and no message
// suggests to try.
func TestRestoreSQLite_Locked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	withSQLite(t, path, func(db *sql.DB) error {
		db.SetMaxOpenConns(1)
		_, err := db.ExecContext(t.Context(), "CREATE TABLE held (n INTEGER); BEGIN EXCLUSIVE")
		if err != nil {
			return err
		}
		got := store.RestoreSQLite(t.Context(), path, false, strings.NewReader(""))
		if got == nil || !strings.Contains(got.Error(), "is locked by another program") || strings.Contains(got.Error(), "--overwrite") {
			t.Errorf("got %v, want that it is locked", got)
		}
		_, err = db.ExecContext(t.Context(), "ROLLBACK")
		return err
	})
}

func insertUser(t *testing.T, path string) {
	t.Helper()
	withSQLite(t, path, func(db *sql.DB) error {
		_, err := db.ExecContext(t.Context(), "INSERT INTO t_users (username, email, is_active, created_at, updated_at)"+
			" VALUES ('ann', 'ann@example.com', 1, '2026-11-27 00:00:00', '2026-11-27 00:00:00')")
		return err
	})
}

func countUsers(t *testing.T, path string) (n int) {
	t.Helper()
	withSQLite(t, path, func(db *sql.DB) error {
		return db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM t_users").Scan(&n)
	})
	return n
}

func withSQLite(t *testing.T, path string, fn func(*sql.DB) error) {
	t.Helper()
	name := sql.Drivers()[slices.IndexFunc(sql.Drivers(), func(name string) bool { return strings.HasPrefix(name, "sqlite") })]
	db, err := sql.Open(name, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(fn(db), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// A snapshot that is given up leaves no copy.
func TestSnapshot_Canceled(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := s.Snapshot(ctx, io.Discard); err == nil {
				t.Error("got no error")
			}
			full := errors.New("the disk is full")
			if _, err := s.Snapshot(t.Context(), failing{full}); !errors.Is(err, full) {
				t.Errorf("got %v, want %v", err, full)
			}
		})
	}
}

// failing fails every write.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
