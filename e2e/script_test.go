package e2e_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"roster/internal/redis/redistest"
	"roster/internal/store/storetest"
)

// TestScripts runs testdata/scripts: what a person types, and what they are
// reported. In a script $URL is a server that runs, $TAKEN its address, $CLOSED a
// port on which nothing listens, and $REDIS the address of a Redis with the password hunter2.
func TestScripts(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	_, closed, _ := strings.Cut(freeAddress(t), ":")
	locked := redistest.Start(t, "--requirepass", "hunter2", "--maxmemory-policy", "allkeys-lru").Address()
	runScripts(t, "testdata/scripts", func() []string {
		return []string{"URL=" + s.url, "TAKEN=" + s.address(), "CLOSED=" + closed, "REDIS=" + locked}
	})
}

// TestScripts_MySQL runs testdata/mysql, each script with the settings of an
// empty database. $OTHER is another, and $CLOSED a port on which nothing listens.
func TestScripts_MySQL(t *testing.T) {
	t.Parallel()
	m := sharedMySQL(t)
	_, closed, _ := strings.Cut(freeAddress(t), ":")
	other := m.newDatabase().name
	runScripts(t, "testdata/mysql", func() []string {
		database := m.newDatabase()
		return append(database.settings, "AUTO_MIGRATE=", "DB_WAIT=0", "LOG_DIR=", "OTHER="+other, "CLOSED="+closed,
			"DSN="+m.parts()[0]+database.name+m.parts()[3])
	})
}

// runScripts runs the scripts of a folder, each with roster on its PATH and
// variables of its own.
func runScripts(t *testing.T, dir string, variables func() []string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, variables()...)
			env.Setenv("ROSTER_E2E_MAIN", "1")
			env.Setenv("GORACE", raceOptions)
			return addCommand(env)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"sql":    runSQL,
			"django": runDjango,

			"damage":  func(ts *testscript.TestScript, _ bool, args []string) { alterFile(ts, args, false) },
			"cut":     func(ts *testscript.TestScript, _ bool, args []string) { alterFile(ts, args, true) },
			"serving": serving,
		},
	})
}

// addCommand makes the test binary roster on the script's PATH.
func addCommand(env *testscript.Env) error {
	path, err := program()
	if err != nil {
		return err
	}
	bin := filepath.Join(env.WorkDir, ".bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		return err
	}
	env.Setenv("PATH", bin+string(filepath.ListSeparator)+env.Getenv("PATH"))
	return os.Symlink(path, filepath.Join(bin, "roster"))
}

// exits STATUS COMMAND... runs the command, which must end with that status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		got, err = failed.ExitCode(), nil
	}
	ts.Check(err)
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// sql FILE STATEMENT runs a statement on an SQLite database, which is made when
// there is none; sql $DSN STATEMENT on a MySQL database.
func runSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql FILE|DSN STATEMENT")
	}
	runOn(ts, args[0], args[1], args[1])
}

// django FILE|$DSN makes there what Django has made and used; django sick
// FILE|$DSN spoils it.
func runDjango(ts *testscript.TestScript, neg bool, args []string) {
	switch {
	case !neg && len(args) == 1:
		runOn(ts, args[0], storetest.DjangoOnSQLite, storetest.DjangoOnMySQL)
	case !neg && len(args) == 2 && args[0] == "sick":
		runOn(ts, args[1], storetest.SickOnSQLite, storetest.SickOnMySQL)
	default:
		ts.Fatalf("usage: django [sick] FILE|DSN")
	}
}

// damage FILE NEW copies a file with one bit altered in its middle; cut FILE NEW
// copies the first half.
func alterFile(ts *testscript.TestScript, args []string, half bool) {
	if len(args) != 2 {
		ts.Fatalf("usage: damage|cut FILE NEW")
	}
	content := []byte(ts.ReadFile(args[0]))
	if half {
		content = content[:len(content)/2]
	} else {
		content[len(content)/2] ^= 1
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), content, 0o600))
}

// serving exits STATUS COMMAND... is exits while something has db.sqlite3 open.
func serving(ts *testscript.TestScript, neg bool, args []string) {
	db, err := openSQLite(ts.MkAbs("db.sqlite3"))
	ts.Check(err)
	_, err = db.ExecContext(context.Background(), "PRAGMA journal_mode=WAL; SELECT COUNT(*) FROM t_users")
	ts.Check(err)
	exits(ts, neg, args[1:])
	ts.Check(db.Close())
}

// runOn runs statements on the database named, those of its engine.
func runOn(ts *testscript.TestScript, database, onSQLite, onMySQL string) {
	open, statements := func() (*sql.DB, error) { return openSQLite(ts.MkAbs(database)) }, onSQLite
	if dsnForm.MatchString(database) {
		open, statements = func() (*sql.DB, error) { return openMySQL(database) }, onMySQL
	}
	db, err := open()
	ts.Check(err)
	_, err = db.ExecContext(context.Background(), statements)
	ts.Check(errors.Join(err, db.Close()))
}

// openMySQL opens a database for many statements at once.
func openMySQL(dsn string) (*sql.DB, error) {
	separator := "?"
	if strings.Contains(dsn, "?") {
		separator = "&"
	}
	return sql.Open("mysql", dsn+separator+"multiStatements=true")
}
