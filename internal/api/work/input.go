package work

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"roster/internal/api/decode"
	"roster/internal/api/drf"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/task/periodic"
)

// ReadBody reads a request's body as decode.Body does, and beyond that the lists
// and objects in JSON: the members of a group, such as a crontab, become fields of
// their own, "crontab.hour" for instance, as forms have them; other lists and
// objects have their JSON as text.
func ReadBody(contentType string, body []byte) (form.Input, error) {
	in, err := decode.Body(contentType, body, form.Partial)
	if err != nil {
		return nil, err
	}
	var raw map[string]json.RawMessage
	for name, value := range in {
		if value.Kind != form.List && value.Kind != form.Object {
			continue
		}
		if raw == nil && json.Unmarshal(body, &raw) != nil {
			return nil, fault.New(fault.Invalid, "JSON parse error - lists and objects are read in UTF-8 alone, without NaN and Infinity.")
		}
		if value.Kind == form.Object && slices.Contains(periodic.Groups(), name) {
			if err := unfold(in, name, raw[name]); err != nil {
				return nil, err
			}
			continue
		}
		value.Text = compact(raw[name])
		in[name] = value
	}
	dropEmptyGroups(in)
	return in, nil
}

// unfold makes fields of the members of a group.
func unfold(in form.Input, group string, raw []byte) error {
	members, err := decode.Body("application/json", raw, form.Partial)
	if err != nil {
		return err
	}
	delete(in, group)
	for name, value := range members {
		in[group+"."+name] = value
	}
	if len(members) == 0 {
		in[group] = form.Value{Kind: form.Object}
	}
	return nil
}

// dropEmptyGroups leaves out the groups whose fields are all empty, as a form
// sends those that were not filled in.
func dropEmptyGroups(in form.Input) {
	filled := map[string]bool{}
	for name, value := range in {
		if value.Kind != form.String || value.Text != "" {
			filled[groupOf(name)] = true
		}
	}
	for name := range in {
		if group := groupOf(name); group != "" && !filled[group] {
			delete(in, name)
		}
	}
}

func compact(raw []byte) string {
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return string(raw)
	}
	return b.String()
}

// IsForm reports whether a body of that Content-Type is a form, in which a box
// that is not ticked is missing.
func IsForm(contentType string) bool {
	m := drf.ParseMediaType(contentType)
	return m.Type == "multipart" || strings.HasSuffix(m.Subtype, "form-urlencoded")
}
