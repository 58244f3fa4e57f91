package store

import (
	"fmt"
	"path/filepath"
)

// inspecting are the settings of a connection that only looks. It leaves the
// journal mode as it is, which is kept in the file.
var inspecting = []setting{{"busy_timeout", "5000"}, {"query_only", "1"}}

// Inspect says which migrations the file lacks, in order, and refuses what
// Open refuses but for a file that cannot be written. It changes nothing, and
// makes no file: where there is none, all migrations are lacking.
func Inspect(path string) (pending []string, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("DB_NAME: %w", err)
	}
	exists, err := checkFile(path)
	if err != nil {
		return nil, err
	}
	known, err := migrations()
	if err != nil || !exists {
		return without(known, nil), err
	}
	c, err := newConn(path, inspecting)
	if err != nil {
		return nil, openFault(path, err)
	}
	defer func() { err = firstError(err, c.close()) }()
	if err := firstError(checkColumns(c), checkNewer(c)); err != nil {
		return nil, openFault(path, err)
	}
	applied, err := appliedMigrations(c)
	return without(known, applied), err
}

// without returns the names of the migrations that are not applied.
func without(known []migration, applied map[int64]bool) (names []string) {
	for _, m := range known {
		if !applied[m.version] {
			names = append(names, m.name)
		}
	}
	return names
}
