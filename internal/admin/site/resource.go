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

// Resource describes a kind of record: its columns, filters, forms and actions. It
// must not be changed once it is registered.
type Resource struct {
	Model     access.Model // of its URLs and permissions
	Guarded   access.Model // of its permissions, if not Model
	App       string       `text:""` // the name of the application: "Users"
	One, Many string       `text:""` // singular and plural: "user", "users"
	Short     string       `text:""` // the name in the navigation, if not Many
	Icon      string       // in the navigation, a symbol in img/icons.svg
	Object    string       // the type in the audit trail, "" for none
	Source    Source       // an Editor if records can be edited, an Adder if they can only be added

	Columns  []Column // of the list; the first is always shown and links to the record
	Ordering string   // the default order: the name of a column, with "-" for descending
	Search   string   `text:""` // the label of the search; "" for none
	Filters  []Filter
	Dates    string // the field of the date filter, "" for none

	Origin Origin // of records, for empty lists

	Actions   []Action // bulk actions of the list
	Tools     []Tool
	Extras    []Extra // additional pages
	Buttons   []Button
	Fieldsets []Fieldset // of the form
	Tabs      []Tab      // of the page of a record, beside the form
	Downloads []Download // of a record
	// Headline returns the facts below the name of a record, which all tabs show; nil
	// for none.
	Headline func(Record) []Fact
	Preview  Preview // explains the form before it is saved; nil for none
	Remains  string  `text:""` // what remains after a record is deleted, a sentence
	Undelete string  // the name of the action that reverts a deletion; "" for none
	// Consequences returns what else deleting a record does, as sentences; nil
	// for nothing.
	Consequences func(ctx context.Context, actor access.Actor, id int64) ([]string, error)
	Aside        bool // the navigation has no link to it; other pages do
	Sensitive    bool // changes need a recently confirmed password
	// Verb and Verbed replace "add" and "added": "run", "started".
	Verb, Verbed string `text:""`

	names names
}

// Origin explains an empty list: how records are created.
type Origin struct {
	Text string `text:""` // a sentence or two
	Ways []Way  // other pages that create records
}

// Way is a link to a page.
type Way struct {
	URL   string
	Label string `text:""`
	Needs access.Permission
}

// Column is a column of a list.
type Column struct {
	Name     string // of the field
	Label    string `text:""`
	Sortable bool
	Optional bool // hidden by default
}

// Filter restricts a list to records with a value of a field. Without choices it
// offers the values in the facets of the list.
type Filter struct {
	Name    string // of the field
	Label   string `text:""`
	Choices []Choice
}

// Choice is a value of a field.
type Choice struct {
	Value string
	Label string `text:""`
	// Section and Set group boxes; "" for none. Short is the label in a set.
	Section, Set, Short string `text:""`
	// Locked says that the actor cannot add it; one that is chosen can be removed.
	Locked bool
	Picks  string // the values that it sets of the field that is picked, separated by spaces
}

// Source loads the records of a resource. It checks permissions, returns errors of
// package fault, and is safe for concurrent use.
type Source interface {
	// List returns the records that q selects, and their number.
	List(ctx context.Context, actor access.Actor, q Query) (Page, error)
	// Find returns a record; NotFound if it does not exist.
	Find(ctx context.Context, actor access.Actor, id int64) (Record, error)
}

// Query selects records of a list.
type Query struct {
	Search       string            // as typed
	Choices      map[string]string // of filters, by name
	From, Before time.Time         // bounds of the date field, Before excluded; zero for none
	Order        string            // comma-separated fields, each with "-" for descending
	Offset       int64
	Limit        int
}

// Page is a page of the records that a query selects.
type Page struct {
	Records []Record
	Total   Count // of records that the query selects
	// Facets has the number of records by filter and choice; "" stands for all.
	// Unknown counts are missing.
	Facets      map[string]map[string]Count
	Choices     map[string][]Choice // of filters without choices of their own; nil: the values in Facets
	First, Last time.Time           // the range of the date field in all records; zero for none
	Since       time.Time           // a search examined only records after this; zero: all
}

// Count is a number of records: at least N when More.
type Count struct {
	N    int64
	More bool
}

// Record is a record for display.
type Record struct {
	ID      int64
	Name    string         // for titles, links and messages
	Version string         // differs after every change; "" for immutable records
	Values  map[string]any // by field: string, bool, int64, time.Time, a type of package shown, or nil
	Moves   bool           // it changes on the server: its page updates itself
	Locked  string         // why the actor cannot change it although they hold the permission; "" if they can
}

// path returns the path of the list.
func (rs *Resource) path() string {
	return "/admin/" + rs.Model.App + "/" + rs.Model.Name + "/"
}

// guarded returns the model of the permissions.
func (rs *Resource) guarded() access.Model {
	if rs.Guarded != (access.Model{}) {
		return rs.Guarded
	}
	return rs.Model
}

// verb and verbed name the adding of a record.
func (rs *Resource) verb() string   { return cmp.Or(rs.Verb, rs.language().T("add")) }
func (rs *Resource) verbed() string { return cmp.Or(rs.Verbed, rs.language().T("added")) }

// column returns the position of a column, from 1; 0 for none.
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

// maxChoice is the maximum length of a value of a filter without choices.
const maxChoice = 200 // code points

// has reports whether a value is a valid choice.
func (f Filter) has(value string) bool {
	if len(f.Choices) == 0 {
		return utf8.ValidString(value) && utf8.RuneCountInString(value) <= maxChoice && !strings.Contains(value, "\x00")
	}
	return slices.ContainsFunc(f.Choices, func(c Choice) bool { return c.Value == value })
}
