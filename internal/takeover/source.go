package takeover

import (
	"context"

	"roster/internal/form"
)

// The engines.
const (
	SQLite = "sqlite"
	MySQL  = "mysql"
)

// Source is a database to look at. Its methods only read, and may be called
// more than once; what others write in between may show.
type Source interface {
	// Database returns what the database is made of.
	Database(ctx context.Context) (Database, error)
	// Each calls visit for every row of a table, in the order of id, until it
	// returns an error, which Each returns. The memory it takes does not grow
	// with the table. The table must have the columns, and a column id of integers.
	Each(ctx context.Context, table string, columns []string, visit func(Row) error) error
}

// Row is a row of a table. Values are those of the columns asked for, as text, and
// only good until visit returns.
type Row struct {
	ID     int64
	Values []form.Text
}

// Database is what a database is made of.
type Database struct {
	Engine  string // SQLite or MySQL
	Version string // of the engine
	Tables  map[string]Table
	// Expected are the tables that Django 4.2 and django-celery-beat 2.5 make
	// for the system on this engine.
	Expected map[string]Table
	// Settings are the variables of a MySQL server, by their names.
	Settings map[string]string
	Triggers []string // the names of those on t_users
	// Name is that of a MySQL database, and Grants what SHOW GRANTS tells of the
	// rights on it of who reads it.
	Name   string
	Grants []string
}

// Table is one table.
type Table struct {
	Columns []Column `json:"columns"`
	Indexes []Index  `json:"indexes"`
	Storage string   `json:"-"` // MySQL's engine, such as InnoDB
	LastID  int64    `json:"-"` // the highest id that was handed out, as far as the database tells
}

// Column is one column.
type Column struct {
	Name     string `json:"name"`
	Type     string `json:"type"` // as the engine writes it, such as varchar(100)
	Nullable bool   `json:"nullable,omitempty"`
	Default  bool   `json:"default,omitempty"` // a row may be inserted without it
	Counts   bool   `json:"counts,omitempty"`  // it numbers the rows, and no number comes twice
	Charset  string `json:"-"`                 // of a text on MySQL
}

// Index is one index without a condition.
type Index struct {
	Columns []string `json:"columns"`
	Unique  bool     `json:"unique,omitempty"`
}

// column returns the column of that name.
func (t Table) column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// has reports whether the database has a table with all these columns and an id.
func (d Database) has(table string, columns []string) bool {
	found, ok := d.Tables[table]
	if !ok {
		return false
	}
	for _, name := range append([]string{"id"}, columns...) {
		if _, ok := found.column(name); !ok {
			return false
		}
	}
	return true
}
