package storetest

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"roster/internal/store"
	"roster/internal/store/mysqltest"
)

// NewDatabase returns the options of a MySQL database with all tables, and no rows
// but those that migrations insert. No other test uses it until tb ends.
//
// A server needs far longer to create and drop a database than to empty one. So
// these stay on the server, where the tests of all programs take turns: a lock of
// the server, which ends with the test or its process, marks one as taken.
func NewDatabase(tb testing.TB) store.MySQLOptions {
	tb.Helper()
	want := migratedSchema(tb)
	sum := sha256.Sum256([]byte(want.definition()))
	prefix := kept + hex.EncodeToString(sum[:6])
	o := mysqltest.Options(tb, takeDatabase(tb, prefix))
	mysqltest.Admin(tb, "CREATE DATABASE IF NOT EXISTS "+o.Database)
	db := mysqltest.Connect(tb, o.Database)
	if has := readSchema(tb, db); has.definition() == want.definition() {
		want.reset(tb, db, has)
	} else {
		dropOutdated(tb, prefix)
		mysqltest.Admin(tb, fmt.Sprintf("DROP DATABASE %[1]s; CREATE DATABASE %[1]s; USE %[1]s; %[2]s", o.Database, want.create()))
	}
	return o
}

// kept is the beginning of the names of databases that stay on the server. The
// schema follows.
const kept = "roster_kept_"

// dropOutdated drops the databases of other schemas that no test uses.
func dropOutdated(tb testing.TB, prefix string) {
	tb.Helper()
	db := mysqltest.Connect(tb, "")
	db.SetMaxOpenConns(1) // of the locks
	for _, name := range mysqltest.Rows(tb, db, "SHOW DATABASES LIKE '"+kept+"%'") {
		if !strings.HasPrefix(name, prefix) && mysqltest.Rows(tb, db, "SELECT GET_LOCK('"+name+"', 0)")[0] == "1" {
			mysqltest.Exec(tb, db, "DROP DATABASE IF EXISTS "+name)
		}
	}
}

// takeDatabase locks the first database that is free, and returns its name.
func takeDatabase(tb testing.TB, prefix string) string {
	tb.Helper()
	conn, err := mysqltest.Connect(tb, "").Conn(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() }) // the connection may be lost by then
	for n := 1; ; n++ {
		name, free := fmt.Sprintf("%s_%d", prefix, n), false
		if err := conn.QueryRowContext(tb.Context(), "SELECT GET_LOCK(?, 0)", name).Scan(&free); err != nil {
			tb.Fatal(err)
		}
		if free {
			return name
		}
	}
}

// migrated is what migratedSchema returns, after its first call.
var migrated struct {
	sync.Mutex

	schema *schema
}

// migratedSchema returns the schema that migrations create.
func migratedSchema(tb testing.TB) *schema {
	tb.Helper()
	migrated.Lock()
	defer migrated.Unlock()
	if migrated.schema == nil {
		o := mysqltest.NewDatabase(tb)
		s, err := store.OpenMySQL(tb.Context(), o)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := s.Migrate(tb.Context()); err != nil {
			tb.Fatal(err)
		}
		if err := s.Close(); err != nil {
			tb.Fatal(err)
		}
		migrated.schema = readMigrated(tb, mysqltest.Connect(tb, o.Database))
	}
	return migrated.schema
}

// readMigrated reads a schema with all rows.
func readMigrated(tb testing.TB, db *sql.DB) *schema {
	tb.Helper()
	s := readSchema(tb, db)
	used := s.hasRows(tb, db)
	for i, t := range s.tables {
		if slices.Contains(used, t.name) {
			s.tables[i].rows = readRows(tb, db, t.name)
		}
	}
	return s
}
