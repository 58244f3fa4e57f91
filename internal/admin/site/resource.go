package site

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"roster/internal/access"
)

// Resource describes one kind of record: what its pages show and what can be
// done there. It is data; nothing changes it once it is registered.
type Resource struct {
	Model     access.Model // where it is in URLs, and what its permissions are about
	Guarded   access.Model // what its permissions are about, where that is not Model
	App       string       // the application, for people: "Users"
	One, Many string       // what a record and records are called: "user", "users"
	Object    string       // what the audit trail calls a record, "" when it tells nothing of them
	Source    Source       // an Editor when the records can be added, changed and deleted, an Adder when added alone

	Columns  []Column // of the list; the first is always shown and leads to the record
	Ordering string   // the order unless asked otherwise: the name of a column, "-" before it for descending
	Search   string   // what a search looks through, as its field says; "" where there is none
	Filters  []Filter
	Dates    string // the field of the list's date filter, "" where there is none

	Origin Origin // how records come to be

	Actions   []Action // on several records of the list
	Tools     []Tool
	Extras    []Extra // further pages
	Buttons   []Button
	Fieldsets []Fieldset // of the form
	Preview   Preview    // what the form means, before it is saved; nil for nothing
	Remains   string     // what is kept of a record that was deleted, a sentence
	Sensitive bool       // who changes records must have given their password lately
	// Verb and Verbed are what adding a record is called: "run", "started"; "" for
	// "add" and "added".
	Verb, Verbed string
}

// Origin says how the records of a resource come to be, to those who see a list
// without any.
type Origin struct {
	Text string // a sentence or two
	Ways []Way  // to make the first, beside adding one
}

// Way is a page on which something can be done.
type Way struct {
	Label, URL string
	Needs      access.Permission
}

// Column is a column of a list.
type Column struct {
	Name     string // of the field
	Label    string
	Sortable bool
	Optional bool // not shown unless chosen
}

// Filter narrows a list to the records whose field has a value: one of the
// choices, or without them one that the counts of the list name.
type Filter struct {
	Name    string // of the field
	Label   string
	Choices []Choice
}

// Choice is a value of a field.
type Choice struct {
	Value, Label string
	// A list of boxes has those of one section and one set below one another; ""
	// for no section. Short is the label there.
	Section, Set, Short string
}

// Source is where the records of a resource come from. It checks the actor,
// answers with errors of package fault, and is safe for concurrent use.
type Source interface {
	// List returns the records that q asks for, and how many there are.
	List(ctx context.Context, actor access.Actor, q Query) (Page, error)
	// Find returns one record; NotFound when there is none.
	Find(ctx context.Context, actor access.Actor, id int64) (Record, error)
}

// Query says which records are listed. The zero Query with a limit is the
// first of all.
type Query struct {
	Search       string            // as it was typed
	Choices      map[string]string // what is chosen of the filters, by name
	From, Before time.Time         // bounds of the field of the dates, the second excluded; zero bounds nothing
	Order        string            // names of fields between commas, each with "-" before it for descending
	Offset       int64
	Limit        int
}

// Page is some of the records that a query finds.
type Page struct {
	Records []Record
	Total   Count // of what the query finds
	// Facets has for each filter and each of its choices how many records there
	// would be with that choice; "" stands for all. What is not known is not in it.
	Facets      map[string]map[string]Count
	First, Last time.Time // the ends of all records by the field of the dates; zero where there are none
}

// Count is a number of records: at least N when More.
type Count struct {
	N    int64
	More bool
}

// Record is one record as the site shows it.
type Record struct {
	ID      int64
	Name    string         // for titles, links and messages
	Version string         // another one after every change; "" for what cannot change
	Values  map[string]any // by field: string, bool, int64, time.Time, a value of package shown, or nil for none
	Moves   bool           // it changes by itself: its page shows that as it happens
}

// path is the URL of the list.
func (rs *Resource) path() string {
	return "/admin/" + rs.Model.App + "/" + rs.Model.Name + "/"
}

// guarded returns the model that the permissions are about.
func (rs *Resource) guarded() access.Model {
	if rs.Guarded != (access.Model{}) {
		return rs.Guarded
	}
	return rs.Model
}

// verb and verbed are what adding a record is called.
func (rs *Resource) verb() string   { return cmp.Or(rs.Verb, "add") }
func (rs *Resource) verbed() string { return cmp.Or(rs.Verbed, "added") }

// column returns the place of the column of that name, from 1; 0 for none.
func (rs *Resource) column(name string) int {
	return slices.IndexFunc(rs.Columns, func(c Column) bool { return c.Name == name }) + 1
}

// filter returns the filter of that name.
func (rs *Resource) filter(name string) (f Filter, ok bool) {
	i := slices.IndexFunc(rs.Filters, func(f Filter) bool { return f.Name == name })
	if i < 0 {
		return Filter{}, false
	}
	return rs.Filters[i], true
}

// maxChoice is how long a value may be that is no choice of the resource's.
const maxChoice = 200 // code points

// has reports whether the filter has such a choice.
func (f Filter) has(value string) bool {
	if len(f.Choices) == 0 {
		return utf8.ValidString(value) && utf8.RuneCountInString(value) <= maxChoice && !strings.Contains(value, "\x00")
	}
	return slices.ContainsFunc(f.Choices, func(c Choice) bool { return c.Value == value })
}
