package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"roster/internal/fault"
	"roster/internal/form"
)

// browseForm is the form of a page: one control for every field that can be
// written, and the same as raw JSON.
type browseForm struct {
	Title   string
	Methods []string // of the buttons: POST, or PUT and PATCH
	Faults  []string // those that belong to no field
	Fields  []browseField
	Raw     string // JSON object
}

// browseField is one control.
type browseField struct {
	form.Field

	Text   string // of an input or textarea
	Ticked bool   // of a checkbox
	Sent   bool   // it shows what was sent and refused, not what is stored
	Faults []string
}

// newCreateForm returns the form of a list: empty, or with what was sent and
// what is wrong with it.
func newCreateForm(s *subject, sent form.Input, faults fault.Fields) *browseForm {
	f := newBrowseForm(s, s.blank, sent, faults)
	f.Title, f.Methods = cmp.Or(s.title, "Create a "+s.noun), []string{http.MethodPost}
	return f
}

// newChangeForm returns the form of a row with the values stored, or with
// those sent laid over them and what is wrong with them.
func newChangeForm(s *subject, stored, sent form.Input, faults fault.Fields) *browseForm {
	f := newBrowseForm(s, stored, sent, faults)
	f.Title, f.Methods = "Change this "+s.noun, []string{http.MethodPut, http.MethodPatch}
	return f
}

func newBrowseForm(s *subject, stored, sent form.Input, faults fault.Fields) *browseForm {
	f := &browseForm{Faults: faultsOf(faults, "non_field_errors")}
	var raw []string
	for _, field := range s.fields {
		if field.ReadOnly {
			continue
		}
		value := valueFor(field, stored, sent)
		control := newBrowseField(field, value)
		_, control.Sent = sent[field.Name]
		control.Faults = faultsOf(faults, field.Name)
		f.Fields = append(f.Fields, control)
		raw = append(raw, "    "+quoteJSON(field.Name)+": "+rawValue(value))
	}
	f.Raw = "{\n" + strings.Join(raw, ",\n") + "\n}"
	return f
}

// valueFor returns the value sent, else the one stored, else the default: a
// new user is active and has no texts.
func valueFor(field form.Field, stored, sent form.Input) form.Value {
	if value, ok := sent[field.Name]; ok && !field.Secret {
		return value
	}
	if value, ok := stored[field.Name]; ok {
		return value
	}
	if field.Type == form.TypeBoolean {
		return form.Value{Kind: form.Boolean, Bool: true}
	}
	return form.Value{Kind: form.String}
}

func newBrowseField(field form.Field, value form.Value) browseField {
	ticked, _ := field.ReadBool(value)
	return browseField{Field: field, Text: textOf(value), Ticked: ticked}
}

func faultsOf(faults fault.Fields, name string) []string {
	for _, f := range faults {
		if f.Name == name {
			return f.Messages
		}
	}
	return nil
}

// textOf returns what a text control shows for a value; nothing for null,
// lists and objects.
func textOf(v form.Value) string {
	switch v.Kind {
	case form.Boolean:
		return strconv.FormatBool(v.Bool)
	case form.Float:
		return strconv.FormatFloat(v.Number, 'g', -1, 64)
	default:
		return strings.ToValidUTF8(v.Text, "\uFFFD")
	}
}

// rawValue returns a value as JSON.
func rawValue(v form.Value) string {
	switch v.Kind {
	case form.String:
		return quoteJSON(textOf(v))
	case form.Boolean, form.Integer:
		return textOf(v)
	case form.List, form.Object:
		if json.Valid([]byte(v.Text)) {
			return v.Text
		}
	case form.Float:
		if text, err := json.Marshal(v.Number); err == nil {
			return string(text)
		}
	}
	return "null"
}

// quoteJSON returns a text as a JSON string, with <, > and & as they are.
func quoteJSON(s string) string {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(buf.String(), "\n")
}
