package site

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"roster/internal/access"
)

// Fieldset is a part of the form of a record.
type Fieldset struct {
	Title  string // "" for a part without one
	Help   string
	When   When // the part counts only then; the zero value for always
	Fields []Field
	// Presets are ways to fill in the form of a new record.
	Presets []Preset
}

// When is a value that a field has.
type When struct{ Field, Value string }

// holds reports whether the field has the value.
func (w When) holds(values map[string]string) bool { return w == When{} || values[w.Field] == w.Value }

// Preset is a way to fill in the form of a new record.
type Preset struct {
	Label, Help string
	Values      map[string]string // by field
}

// URL is the form with these values, from the list or the form itself.
func (p Preset) URL() string {
	values := url.Values{}
	for name, value := range p.Values {
		values.Set(name, value)
	}
	return "?" + values.Encode()
}

// Field is a field of the form.
type Field struct {
	Name, Label string
	Help        string
	Widget      Widget
	InputMode   string // of HTML: what keyboard a phone shows
	Required    bool
	ReadOnly    bool
	OnAdd       bool   // in the form of a new record alone
	Initial     string // in the form of a new record; "true" ticks a box
	// Choices are those of a list of boxes, or of a selection.
	Choices func(ctx context.Context, actor access.Actor) ([]Choice, error)
}

// Widget is how a field is filled in.
type Widget string

// The widgets. A box gives "true" or "", a list of boxes the chosen values on a
// line each, sorted. What a password field was filled with is never shown again.
const (
	Line  Widget = "line"
	Area  Widget = "area"
	Box   Widget = "box"
	Boxes Widget = "boxes"
	// Password hides what is typed.
	Password Widget = "password"
	// Select gives one of the choices.
	Select Widget = "select"
	// Lines is an Area for what a program reads, such as JSON.
	Lines Widget = "lines"
)

// fields returns the fields of the form, of a new record or not, that can be
// filled in.
func (rs *Resource) fields(isNew bool) (fields []Field) {
	for _, set := range rs.Fieldsets {
		for _, f := range set.Fields {
			if !f.ReadOnly && (isNew || !f.OnAdd) {
				fields = append(fields, f)
			}
		}
	}
	return fields
}

// textOf returns the value of a field as a form has it.
func textOf(value any) string {
	if v, ok := value.(bool); ok {
		if v {
			return "true"
		}
		return ""
	}
	return normalised(newCell(value, time.UTC).Text)
}

// normalised ends lines as they are stored: forms end them with CR LF.
func normalised(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
}

// shownText returns the value of a field of a form for people.
func (f Field) shownText(value string) string {
	switch {
	case f.Widget == Box && value == "":
		return "No"
	case f.Widget == Box:
		return "Yes"
	case value == "":
		return "–"
	}
	return value
}

// fieldView is a field as the form shows it.
type fieldView struct {
	Field

	Value   string
	Before  string // the value that the form began with
	Faults  []string
	Note    string // what another person did to it
	Display *cell  // instead of a widget
	Live    bool   // what it displays may change by itself
	Offered []offeredChoice
	// Sections are what is offered in sections, Chosen how many of it are chosen.
	Sections []choiceSection
	Chosen   int
}

// choiceSection is a part of a long list of boxes.
type choiceSection struct {
	Name string
	Sets []choiceSet
}

// choiceSet is what can be chosen at once.
type choiceSet struct {
	Name   string
	Boxes  []offeredChoice
	Chosen int
}

// offeredChoice is one of a list of boxes.
type offeredChoice struct {
	Choice

	Chosen bool
}

// choose marks those of the choices that are chosen, and shows them where the
// field can only be read.
func (f *fieldView) choose(choices []Choice) {
	chosen, labels := strings.Split(f.Value, "\n"), []string{}
	for _, c := range choices {
		is := slices.Contains(chosen, c.Value)
		if f.Offered = append(f.Offered, offeredChoice{c, is}); is {
			labels = append(labels, c.Label)
			f.Chosen++
		}
		if c.Section != "" {
			f.section(c).add(offeredChoice{c, is})
		}
	}
	if f.Display != nil {
		f.Display.Text = strings.Join(labels, "\n")
	}
}

// section returns the set that a choice belongs to: that of the choice before it
// or a new one.
func (f *fieldView) section(c Choice) *choiceSet {
	if n := len(f.Sections); n == 0 || f.Sections[n-1].Name != c.Section {
		f.Sections = append(f.Sections, choiceSection{Name: c.Section})
	}
	last := &f.Sections[len(f.Sections)-1]
	if n := len(last.Sets); n == 0 || last.Sets[n-1].Name != c.Set {
		last.Sets = append(last.Sets, choiceSet{Name: c.Set})
	}
	return &last.Sets[len(last.Sets)-1]
}

func (s *choiceSet) add(o offeredChoice) {
	if s.Boxes = append(s.Boxes, o); o.Chosen {
		s.Chosen++
	}
}

// sent returns the value of a field in a form.
func (f Field) sent(form url.Values) string {
	if f.Widget == Boxes {
		return normalised(strings.Join(slices.Sorted(slices.Values(form[f.Name])), "\n"))
	}
	value := normalised(form.Get(f.Name))
	if f.Widget == Box {
		return ticked(value)
	}
	return value
}

// ticked returns "true" for what a form may send for a box that is ticked, ""
// for one that is not, as Django's CheckboxInput takes them.
func ticked(value string) string {
	switch value {
	case "", "false", "False":
		return ""
	}
	return "true"
}

// Describes reports whether something beside the field says more about it.
func (f fieldView) Describes() bool { return f.Help != "" || f.Note != "" || len(f.Faults) > 0 }

// HasBreaks reports whether the value has lines, which one line would lose.
func (f fieldView) HasBreaks() bool { return strings.ContainsAny(f.Value, "\r\n") }
