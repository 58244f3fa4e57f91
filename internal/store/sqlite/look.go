package sqlite

import (
	"fmt"
	"path/filepath"

	"roster/internal/store/sqldb"
)

// inspecting are the settings of a connection that only looks. It leaves the
// journal mode as it is, which is kept in the file.
var inspecting = []setting{{"busy_timeout", "5000"}, {"query_only", "1"}}

// Look runs fn on a connection to the file that changes nothing; not at all
// where there is no file but could be one. Errors name the file.
func Look(path string, fn func(sqldb.Conn) error) (err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("DB_NAME: %w", err)
	}
	exists, err := checkFile(path)
	if err != nil || !exists {
		return err
	}
	c, err := newConn(path, inspecting)
	if err == nil {
		err = sqldb.FirstError(fn(c), c.close())
	}
	if err != nil {
		return openFault(path, err)
	}
	return nil
}
