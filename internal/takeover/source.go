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

// Source is a database to inspect. Its methods only read, and may be called
// repeatedly; concurrent changes may be visible.
type Source interface {
	// Database describes the database.
	Database(ctx context.Context) (Database, error)
	// Each calls visit for every row of a table in id order, until visit
	// returns an error, which Each returns. Memory does not grow with the
	// table. The table must have the columns and an integer column id.
	Each(ctx context.Context, table string, columns []string, visit func(Row) error) error
}

// Row is a row of a table. Values are the requested columns as text, valid only
// until visit returns.
type Row struct {
	ID     int64
	Values []form.Text
}

// Database describes a database.
type Database struct {
	Engine  string // SQLite or MySQL
	Version string // of the engine
	Tables  map[string]Table
	Views   []string // their names
	// Expected are the tables of Django 4.2 and django-celery-beat 2.5 on this
	// engine.
	Expected map[string]Table
	// Settings are the variables of a MySQL server by name.
	Settings map[string]string
	// References are the foreign keys to Expected tables.
	References []Reference
	Triggers   []string // names of the triggers on t_users
	// Name is the name of a MySQL database, and Grants the output of SHOW
	// GRANTS for the connected user.
	Name   string
	Grants []string
}

// Table is one table.
type Table struct {
	Columns []Column `json:"columns"`
	Indexes []Index  `json:"indexes"`
	Storage string   `json:"-"` // MySQL's engine, such as InnoDB
	LastID  int64    `json:"-"` // the highest assigned id, if known
}

// Column is one column.
type Column struct {
	Name     string `json:"name"`
	Type     string `json:"type"` // as the engine writes it, such as varchar(100)
	Nullable bool   `json:"nullable,omitempty"`
	Default  bool   `json:"default,omitempty"` // may be omitted on insert
	Counts   bool   `json:"counts,omitempty"`  // auto-increment without reuse
	Charset  string `json:"-"`                 // of text columns on MySQL
}

// Index is one index without a condition.
type Index struct {
	Columns []string `json:"columns"`
	Unique  bool     `json:"unique,omitempty"`
}

// Reference is a foreign key.
type Reference struct {
	Table, Column string
	To            string // the referenced table
	Rule          string // ON DELETE, as CASCADE
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

// has reports whether a table exists with all these columns and an id.
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
