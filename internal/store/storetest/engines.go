package storetest

import (
	"testing"

	"roster/internal/store"
)

// Engines returns, by the engine's name, what opens an empty and migrated store
// on it, which is closed when the test ends. What goes through the storage is
// tested on each:
//
//	for engine, open := range storetest.Engines() {
//		t.Run(engine, func(t *testing.T) {
//			t.Parallel()
//			db := open(t)
//
// Every store has a database of its own. A MySQL server that is missing fails
// the test, as package mysqltest says.
func Engines() map[string]func(testing.TB) *store.Store {
	return map[string]func(testing.TB) *store.Store{"sqlite": OpenSQLite, "mysql": OpenMySQL}
}

// OpenSQLite is the opener of Engines for SQLite, for tests of what no engine
// has a part in.
func OpenSQLite(tb testing.TB) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), store.Options{Path: MigratedFile(tb)})
	return ready(tb, s, err)
}

// OpenMySQL is the opener of Engines for MySQL. Its pool is small, as many
// tests share the server.
func OpenMySQL(tb testing.TB) *store.Store {
	tb.Helper()
	o := NewDatabase(tb)
	o.PoolSize, o.MaxOverflow = 4, 4
	s, err := store.OpenMySQL(tb.Context(), o)
	return ready(tb, s, err)
}

func ready(tb testing.TB, s *store.Store, err error) *store.Store {
	tb.Helper()
	if err != nil {
		tb.Fatalf("opening the store: %v", err)
	}
	tb.Cleanup(func() {
		keepSchedules(tb, s)
		if err := s.Close(); err != nil {
			tb.Errorf("Close: %v", err)
		}
	})
	return s
}
