// Package shown has the values of records that pages show as more than text:
// badges, links, code, progress and charts.
package shown

import "roster/internal/httpkit/pagination"

// Tone says how a badge is meant.
type Tone string

// The tones.
const (
	Plain Tone = ""
	Good  Tone = "good"
	Warn  Tone = "warn"
	Bad   Tone = "bad"
)

// Badge is a word that is told from others by its color as well.
type Badge struct {
	Text string
	Tone Tone
}

// MarshalText returns the word, for files.
func (b Badge) MarshalText() ([]byte, error) { return []byte(b.Text), nil }

// Link leads to a page of this site.
type Link struct{ Text, URL string }

// MarshalText returns the text, for files.
func (l Link) MarshalText() ([]byte, error) { return []byte(l.Text), nil }

// Object is a record of whichever resource has records of that kind. Its name
// leads to its page, for those who may view it.
type Object struct {
	Kind string // as Resource.Object has it
	ID   int64  // 0 for none in particular
	Name string
}

// MarshalText returns the name, for files.
func (o Object) MarshalText() ([]byte, error) { return []byte(o.Name), nil }

// Code is a text of which every space counts, such as JSON or a stack.
type Code string

// Progress says how much of some work is done. A Total of 0 is not known.
type Progress struct {
	Done, Total int64
	Over        bool // the work has ended: nothing moves any more
}

// Text returns "3 of 10", "3" when nobody knows of how many, "" before
// anything is done.
func (p Progress) Text() string {
	switch {
	case p.Total > 0:
		return pagination.Grouped(p.Done) + " of " + pagination.Grouped(p.Total)
	case p.Done > 0:
		return pagination.Grouped(p.Done)
	}
	return ""
}

// Percent returns the whole percents that are done, 0 to 100.
func (p Progress) Percent() int64 {
	if p.Total <= 0 {
		return 0
	}
	return min(max(p.Done, 0), p.Total) * 100 / p.Total
}

// MarshalText returns the text, for files.
func (p Progress) MarshalText() ([]byte, error) { return []byte(p.Text()), nil }
