package store

import (
	"roster/internal/store/sqldb"
	"roster/internal/store/sqlite"
)

// Inspect returns the migrations that a SQLite file lacks, in order, and the
// errors of Open, except for a read-only file. It changes nothing and creates
// no file: if there is none, all migrations are missing.
func Inspect(path string) (pending []string, err error) {
	s := &Store{dialect: sqliteDialect}
	known, err := s.known()
	if err != nil {
		return nil, err
	}
	var applied map[int64]bool
	err = sqlite.Look(path, func(c sqldb.Conn) error {
		applied, err = s.appliedMigrations(c)
		return sqldb.FirstError(err, s.checkTables(c))
	})
	return without(known, applied), err
}

// InPlace returns an error if the storage is a file that was moved since it was
// opened.
func (s *Store) InPlace() error {
	if file, ok := s.db.(*sqlite.Engine); ok {
		return file.InPlace()
	}
	return nil
}

// without returns the names of the unapplied migrations.
func without(known []migration, applied map[int64]bool) (names []string) {
	for _, m := range known {
		if !applied[m.version] {
			names = append(names, m.name)
		}
	}
	return names
}
