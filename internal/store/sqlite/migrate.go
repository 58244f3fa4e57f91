package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"

	"roster/internal/store/sqldb"
)

// migrateTries is how often a migration is retried after another process was
// faster.
const migrateTries = 10

// Migrating runs fn on separate connections with IMMEDIATE transactions. It
// retries if another process was faster or holds the lock.
func (s *Engine) Migrating(ctx context.Context, fn func(ctx context.Context, db *sql.DB) error) (err error) {
	db := sql.OpenDB(s.migrate)
	defer func() { err = sqldb.FirstError(err, db.Close()) }()
	// Interrupting a statement would cost a goroutine and gain nothing.
	ctx = context.WithoutCancel(ctx)
	for try := 1; ; try++ {
		err := fn(ctx, db)
		if err == nil || try == migrateTries || !isOvertaken(err) {
			return faultOf(err)
		}
	}
}

// isOvertaken reports whether another process was faster or holds the lock. A
// duplicate column has no specific error code.
func isOvertaken(err error) bool {
	code, _ := driverCode(err)
	return isBusy(err) || code == codeUniqueKey || strings.Contains(err.Error(), "duplicate column name")
}

// connector opens connections for database/sql.
type connector struct{ path string }

// Connect implements driver.Connector.
func (c connector) Connect(context.Context) (driver.Conn, error) {
	opened, err := newConn(c.path, common)
	if err != nil {
		return nil, err
	}
	return opened.release()
}

// Driver implements driver.Connector.
func (c connector) Driver() driver.Driver { return sqlDriver{} }

// sqlDriver opens a connection by path, without settings.
type sqlDriver struct{}

// Open implements driver.Driver.
func (sqlDriver) Open(path string) (driver.Conn, error) { return openDriver(dataSource(path)) }
