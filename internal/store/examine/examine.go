// Package examine reads a Django database for the takeover report. It writes
// nothing.
package examine

import (
	"context"
	"database/sql/driver"

	"roster/internal/form"
	"roster/internal/store/mysql"
	"roster/internal/store/sqldb"
	"roster/internal/store/sqlite"
	"roster/internal/takeover"
)

// SQLite runs fn on the contents of a SQLite file. It returns an error that
// names DB_NAME if the file is not a database or cannot be read. It writes
// nothing, creates no file, and holds no lock between rows.
func SQLite(ctx context.Context, path string, fn func(context.Context, takeover.Source) error) error {
	return sqlite.Examine(path, func(c sqldb.Conn) error {
		read := func(_ context.Context, _ string, fn func(sqldb.Conn) error) error { return fn(c) }
		return fn(ctx, &source{read, sqliteFacts})
	})
}

// MySQL is like SQLite for a MySQL database. It returns the errors of
// store.OpenMySQL about the server. The server rejects writes on its
// connections. Replicas are not used.
func MySQL(ctx context.Context, o mysql.Options, fn func(context.Context, takeover.Source) error) error {
	o.Replicas = nil
	server, err := mysql.Open(ctx, o)
	if err != nil {
		return err
	}
	read := func(ctx context.Context, name string, fn func(sqldb.Conn) error) error {
		return server.Read(ctx, name, func(c sqldb.Conn) error {
			if _, err := c.Exec("SET SESSION transaction_read_only = 1"); err != nil {
				return err
			}
			return fn(c)
		})
	}
	err = fn(ctx, &source{read, mysqlFacts})
	return sqldb.FirstError(err, server.Close())
}

// source is a takeover.Source.
type source struct {
	read  func(ctx context.Context, name string, fn func(sqldb.Conn) error) error
	facts facts
}

// pageRows is the number of rows per read. Nothing is locked in between, so
// that a system that uses the database is not blocked.
const pageRows = 500

// Each implements takeover.Source. The names are constants of package takeover,
// not input.
func (s *source) Each(ctx context.Context, table string, columns []string, visit func(takeover.Row) error) error {
	query := "SELECT id"
	for _, column := range columns {
		query += ", CAST(" + column + " AS CHAR)" // as text: the drivers would parse times themselves
	}
	query += " FROM " + table + " WHERE id > ? ORDER BY id LIMIT ?"
	after := int64(-1 << 63)
	for {
		page, err := s.page(ctx, query, after)
		if err != nil {
			return err
		}
		for _, row := range page {
			if err := visit(row); err != nil {
				return err
			}
			after = row.ID
		}
		if len(page) < pageRows {
			return ctx.Err()
		}
	}
}

func (s *source) page(ctx context.Context, query string, after int64) (page []takeover.Row, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = s.read(ctx, "read for takeover", func(c sqldb.Conn) error {
		page = page[:0] // fn may run again
		return c.Query(query, func(values []driver.Value) error {
			row := takeover.Row{Values: make([]form.Text, len(values)-1)}
			if err := sqldb.Scan(values, &row.ID); err != nil {
				return err
			}
			for i, value := range values[1:] {
				row.Values[i] = sqldb.TextOf(value)
			}
			page = append(page, row)
			return nil
		}, after, int64(pageRows))
	})
	return page, err
}

// Database implements takeover.Source.
func (s *source) Database(ctx context.Context) (d takeover.Database, err error) {
	err = s.read(ctx, "read the schema", func(c sqldb.Conn) error {
		d, err = s.facts.database(c)
		return err
	})
	return d, err
}
