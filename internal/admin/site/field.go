package site

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/lang"
)

// Fieldset is a section of a form.
type Fieldset struct {
	Title string `text:""` // may be empty
	Help  string `text:""`
	When  When   // the section applies only then; zero for always
	// Folded shows the title alone until a person opens the section. It is open at
	// first if a field has an error, or a value that it does not have initially.
	Folded bool
	Fields []Field
	// Presets fill in the form of a new record.
	Presets []Preset
}

// When is a condition: the field has the value, or one of several, separated by
// spaces.
type When struct{ Field, Value string }

// holds reports whether the condition is met.
func (w When) holds(values map[string]string) bool {
	return w == When{} || slices.Contains(strings.Fields(w.Value), values[w.Field])
}

// Preset is a set of values for the form of a new record.
type Preset struct {
	Label, Help string            `text:""`
	Values      map[string]string // by field
}

// URL returns the address of the form with these values, relative to the form.
func (p Preset) URL() string {
	values := url.Values{}
	for name, value := range p.Values {
		values.Set(name, value)
	}
	return "?" + values.Encode()
}

// presets returns the presets with values that the actor may choose.
func (fs Fieldset) presets(ctx context.Context, actor access.Actor) ([]Preset, error) {
	allowed := fs.Presets
	for _, f := range fs.Fields {
		if f.Choices == nil || len(allowed) == 0 {
			continue
		}
		choices, err := f.Choices(ctx, actor)
		if err != nil {
			return nil, err
		}
		allowed = slices.DeleteFunc(slices.Clone(allowed), func(p Preset) bool {
			value, sets := p.Values[f.Name]
			return sets && !slices.ContainsFunc(choices, func(c Choice) bool { return c.Value == value })
		})
	}
	return allowed, nil
}

// Field is a field of a form.
type Field struct {
	Name      string
	Label     string `text:""`
	Help      string `text:""`
	Widget    Widget
	InputMode string // HTML inputmode: the keyboard on phones
	Required  bool
	ReadOnly  bool
	OnAdd     bool   // only in the form of a new record
	OnChange  bool   // only in the form of an existing record
	Announced bool   // screen readers announce changes of its value, which is read-only
	HideEmpty bool   // it is left out while it has no value and is read-only
	Initial   string // value in the form of a new record; "true" checks a box
	// Locked returns why the actor cannot set the field, "" if they can; nil if
	// everyone can who may edit the record.
	Locked func(access.Actor) string
	// Picks is the field of Boxes that choices of this Select set; "" for none.
	Picks string
	When  When // the field applies only then; zero for always
	// Choices returns the choices of Boxes and Select.
	Choices func(ctx context.Context, actor access.Actor) ([]Choice, error)
}

// Widget is the control of a field.
type Widget string

// The widgets. The value of Box is "true" or "", that of Boxes the sorted choices,
// one per line. The value of Password is never shown again.
const (
	Line     Widget = "line"
	Area     Widget = "area"
	Box      Widget = "box"
	Boxes    Widget = "boxes"
	Password Widget = "password"
	Select   Widget = "select"
	// Lines is an Area for machine-readable text, such as JSON.
	Lines Widget = "lines"
	// Clock is a time of day, such as 03:00.
	Clock Widget = "clock"
)

// fields returns the editable fields of the form, of a new record or not.
func (rs *Resource) fields(isNew bool) (fields []Field) {
	for _, set := range rs.Fieldsets {
		for _, f := range set.Fields {
			if !f.ReadOnly && (isNew || !f.OnAdd) && (!isNew || !f.OnChange) {
				fields = append(fields, f)
			}
		}
	}
	return fields
}

// textOf returns the value of a field as form text.
func textOf(value any) string {
	if v, ok := value.(bool); ok {
		if v {
			return "true"
		}
		return ""
	}
	return normalised(newCell(lang.English, value, time.UTC).Text)
}

// normalised returns form text with valid UTF-8 and LF line ends.
func normalised(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
}

// shownText returns form text for display.
func (f Field) shownText(l *lang.Language, value string) string {
	switch {
	case f.Widget == Box && value == "":
		return l.T("No")
	case f.Widget == Box:
		return l.T("Yes")
	case value == "":
		return "–"
	}
	return value
}

// locked returns why the actor cannot set the field, "" if they can.
func (f Field) locked(actor access.Actor) string {
	if f.Locked == nil {
		return ""
	}
	return f.Locked(actor)
}

// fieldView is a field with its state.
type fieldView struct {
	Field

	Value   string
	Before  string // the value when the form was loaded
	Faults  []string
	Note    string // about a concurrent change
	Display *cell  // shown instead of a widget
	Why     string // why it is, "" if the actor knows
	Live    bool   // the displayed value may change on the server
	Offered []offeredChoice
	// Sections groups the choices; Chosen counts the selected ones.
	Sections []choiceSection
	Chosen   int
}

// choiceSection is a section of a long list of boxes.
type choiceSection struct {
	Name string
	Sets []choiceSet
}

// choiceSet is a group of boxes that can be selected together.
type choiceSet struct {
	Name   string
	Boxes  []offeredChoice
	Chosen int
}

// offeredChoice is a choice with its state.
type offeredChoice struct {
	Choice

	Chosen bool
}

// choose sets the choices and marks the selected ones. A read-only field displays
// their labels.
func (f *fieldView) choose(choices []Choice) {
	chosen, labels := strings.Split(f.Value, "\n"), []string{}
	for _, c := range choices {
		is := slices.Contains(chosen, c.Value)
		c.Locked = c.Locked && !is
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

// section returns the set of a choice: the last one or a new one.
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

// ticked returns "true" or "" for the value of a checkbox, as Django's
// CheckboxInput reads it.
func ticked(value string) string {
	switch value {
	case "", "false", "False":
		return ""
	}
	return "true"
}

// Describes reports whether the field has help, a note or errors.
func (f fieldView) Describes() bool { return f.Help != "" || f.Note != "" || len(f.Faults) > 0 }

// HasBreaks reports whether the value has line breaks.
func (f fieldView) HasBreaks() bool { return strings.ContainsAny(f.Value, "\r\n") }
