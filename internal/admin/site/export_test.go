package site

import (
	"io"
	"net/url"
	"time"

	"roster/internal/lang"
)

// ReadState reads a query as the list of a resource does, and returns the
// query that the page would have in its links and what it asks the source.
func ReadState(res *Resource, query string, zone *time.Location) (again string, q Query, ok bool) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", Query{}, false
	}
	s, ok := parseState(res, values, zone)
	if !ok {
		return "", Query{}, false
	}
	return s.values().Encode(), s.query(zone), true
}

// Drill returns the labels of the ways up and down from the dates of a query
// about created_at.
func Drill(res *Resource, query string, first, last time.Time) (up, down []string, ok bool) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, nil, false
	}
	s, ok := parseState(res, values, first.Location())
	wider, narrower := s.dates.drill(lang.English, first, last)
	for _, c := range wider {
		up = append(up, c.label)
	}
	for _, c := range narrower {
		down = append(down, c.label)
	}
	return up, down, ok
}

// Sign and Open are what pages carry.
func (s Signer) Sign(purpose string, value any) (string, error) { return s.sign(purpose, value) }

// Open reads what Sign returned.
func (s Signer) Open(purpose, signed string, value any) bool { return s.open(purpose, signed, value) }

// CSVText returns a value as a cell of a CSV file.
func CSVText(value any) string { return csvText(value) }

// WriteXLSX writes records with the IDs 1 to n in sheets of a number of rows.
func WriteXLSX(w io.Writer, most, n int) error {
	columns := []Column{{Name: "id"}}
	return walkInto(w, func(w io.Writer) writer { return &xlsxWriter{to: w, most: most} }, columns, func(fn func(Record) error) error {
		for i := range n {
			if err := fn(Record{Values: map[string]any{"id": int64(i + 1)}}); err != nil {
				return err
			}
		}
		return nil
	})
}
