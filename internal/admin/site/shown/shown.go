// Package shown has types for values of records that pages do not show as plain
// text: badges, links, code, progress and charts. Exports contain their text.
package shown

import (
	"time"

	"roster/internal/httpkit/pagination"
)

// Tone is the color of a badge.
type Tone string

// The tones.
const (
	Plain Tone = ""
	Good  Tone = "good"
	Warn  Tone = "warn"
	Bad   Tone = "bad"
)

// Badge is a word with a color.
type Badge struct {
	Text string
	Tone Tone
}

// MarshalText returns the word, for exports.
func (b Badge) MarshalText() ([]byte, error) { return []byte(b.Text), nil }

// Link is a link to a page of this site.
type Link struct{ Text, URL string }

// MarshalText returns the text, for exports.
func (l Link) MarshalText() ([]byte, error) { return []byte(l.Text), nil }

// Object is a reference to a record by its type in the audit trail. Its name links
// to its page, if the actor may view it.
type Object struct {
	Kind string // as in Resource.Object
	ID   int64  // 0 for no particular record
	Name string
}

// MarshalText returns the name, for exports.
func (o Object) MarshalText() ([]byte, error) { return []byte(o.Name), nil }

// Code is preformatted text, such as JSON or a stack trace.
type Code string

// Moment is a time that is shown in a zone of its own, before that of the site.
type Moment struct {
	At time.Time
	In *time.Location
}

// MarshalText returns the time in UTC, as of time.Time, for exports.
func (m Moment) MarshalText() ([]byte, error) { return m.At.UTC().MarshalText() }

// Progress is the progress of some work. Total is 0 if unknown.
type Progress struct {
	Done, Total int64
	Over        bool // the work has ended
}

// Text returns "3 of 10", "3" if the total is unknown, "" before the start.
func (p Progress) Text() string {
	switch {
	case p.Total > 0:
		return pagination.Grouped(p.Done) + " of " + pagination.Grouped(p.Total)
	case p.Done > 0:
		return pagination.Grouped(p.Done)
	}
	return ""
}

// Percent returns the completed percentage, 0 to 100.
func (p Progress) Percent() int64 {
	if p.Total <= 0 {
		return 0
	}
	return min(max(p.Done, 0), p.Total) * 100 / p.Total
}

// MarshalText returns the text, for exports.
func (p Progress) MarshalText() ([]byte, error) { return []byte(p.Text()), nil }
