package sqlite

import (
	"fmt"
	"path/filepath"

	"roster/internal/store/sqldb"
)

// inspecting are the settings of a connection that only inspects. It keeps the
// journal mode, which is stored in the file.
var inspecting = []setting{{"busy_timeout", "5000"}, {"query_only", "1"}}

// Look runs fn on a connection that changes nothing. It does not run fn if the
// file does not exist but could be created. Errors name the file.
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
