package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"roster/internal/store/sqldb"
)

// snapshotSuffix begins the suffix of temporary copies of the file.
const snapshotSuffix = ".snapshot-"

// abandonedAfter is the time since the last write after which a copy counts as
// abandoned.
const abandonedAfter = 10 * time.Minute

// Snapshot writes a database file with everything committed at its start to
// out, and returns the number of rows of each table. It does not block writers,
// and needs as much space next to the file as the data takes.
func (s *Engine) Snapshot(ctx context.Context, out io.Writer) (rows map[string]int64, err error) {
	sweepSnapshots(s.path)
	if err := s.InPlace(); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+snapshotSuffix+"*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer func() {
		if failed := os.Remove(file.Name()); !errors.Is(failed, os.ErrNotExist) {
			err = sqldb.FirstError(err, failed)
		}
		err = sqldb.FirstError(err, file.Close())
	}()
	if err := vacuumInto(ctx, s.path, file.Name()); err != nil {
		return nil, faultOf(err)
	}
	if rows, err = countRows(file.Name()); err != nil {
		return nil, err
	}
	_ = os.Remove(file.Name()) // unlinked while it is read, so that a kill leaves nothing
	_, err = io.Copy(out, contextReader{ctx, file})
	return rows, err
}

// sweepSnapshots removes copies left by killed processes.
func sweepSnapshots(path string) {
	found, _ := filepath.Glob(globSafe(path) + snapshotSuffix + "*")
	for _, name := range found {
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > abandonedAfter {
			_ = os.Remove(name) // otherwise the next sweep does
		}
	}
}

// globSafe returns a pattern that matches only path.
func globSafe(path string) string {
	return strings.NewReplacer(`*`, `[*]`, `?`, `[?]`, `[`, `[[]`, `\`, `\\`).Replace(path)
}

// vacuumInto copies the database into an empty file in one read transaction,
// until ctx is done.
func vacuumInto(ctx context.Context, path, copied string) (err error) {
	c, err := newConn(path, common)
	if err != nil {
		return err
	}
	defer func() { err = sqldb.FirstError(err, c.close()) }()
	execer, ok := c.raw.(driver.ExecerContext)
	if !ok {
		return fmt.Errorf("%T has no ExecContext", c.raw)
	}
	_, err = execer.ExecContext(ctx, "VACUUM INTO ?", []driver.NamedValue{{Ordinal: 1, Value: copied}})
	return sqldb.FirstError(ctx.Err(), err)
}

const selectTables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'" +
	" AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"

// countRows returns the number of rows of each table in a file.
func countRows(path string) (rows map[string]int64, err error) {
	c, err := newConn(path, inspecting)
	if err != nil {
		return nil, err
	}
	defer func() { err = sqldb.FirstError(err, c.close()) }()
	tables, err := sqldb.Texts(c, selectTables)
	if err != nil {
		return nil, err
	}
	rows = make(map[string]int64, len(tables))
	for _, table := range tables {
		quoted := `"` + strings.ReplaceAll(table, `"`, `""`) + `"`
		if rows[table], err = sqldb.Integer(c, "SELECT COUNT(*) FROM "+quoted); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// contextReader ends when ctx is done.
type contextReader struct {
	ctx context.Context
	in  io.Reader
}

// Read implements io.Reader.
func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(p)
}
