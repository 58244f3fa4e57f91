package store

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// perGeneration is the number of migrations in a generation. Within one,
// migrations only add tables, indexes and optional columns. Every version works
// on the schema of later ones of its generation, so that old and new servers
// can run side by side. A removal begins the next generation.
const perGeneration = 1000

// Migration describes a migration before it is applied.
type Migration struct {
	Name  string // name of its file
	About string // its purpose, in a paragraph
	// Breaks reports whether versions that do not know the migration refuse the
	// database once it is applied.
	Breaks bool
}

// Describe describes migrations of this version, for MySQL or SQLite, by names
// from Pending or Inspect. An unknown name is an error.
func Describe(onMySQL bool, names []string) ([]Migration, error) {
	d := sqliteDialect
	if onMySQL {
		d = mysqlDialect
	}
	described := make([]Migration, 0, len(names))
	for _, name := range names {
		text, err := fs.ReadFile(migrationFiles, d.migrations+"/"+name)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", name, err)
		}
		described = append(described, Migration{name, commentOf(string(text)), numberOf(name)%perGeneration == 0})
	}
	return described, nil
}

// commentOf returns the comment at the start of a migration.
func commentOf(text string) string {
	var about []string
	for line := range strings.Lines(text) {
		comment, ok := strings.CutPrefix(strings.TrimSpace(line), "--")
		if comment = strings.TrimSpace(comment); !ok || strings.HasPrefix(comment, "+goose") {
			break
		}
		if comment != "" {
			about = append(about, comment)
		}
	}
	return strings.Join(about, " ")
}

// numberOf returns the number at the start of a migration's name, or -1.
func numberOf(name string) int64 {
	digits, _, _ := strings.Cut(name, "_")
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return -1
	}
	return number
}
