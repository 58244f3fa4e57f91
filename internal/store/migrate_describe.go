package store

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// perGeneration is how many numbers of migrations a generation has. Within one,
// migrations only add: tables, indexes, columns that may be left out. Every
// version works on the schema of any later one of its generation, so that old
// and new servers run side by side. What takes something away begins the next.
const perGeneration = 1000

// Migration is what is known of a migration before it is applied.
type Migration struct {
	Name  string // of its file
	About string // what it is for, in a paragraph
	// Breaks is true when versions that do not know the migration refuse the
	// database once it is applied.
	Breaks bool
}

// Describe returns what is known of migrations of this version, for MySQL or
// else for SQLite, which Pending or Inspect has named. An unknown name is an error.
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

// commentOf returns the comment that a migration's file begins with.
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

// numberOf returns the number that a migration's name begins with, -1 where it
// begins with none.
func numberOf(name string) int64 {
	digits, _, _ := strings.Cut(name, "_")
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return -1
	}
	return number
}
