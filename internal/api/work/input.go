package work

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"roster/internal/api/decode"
	"roster/internal/api/drf"
	"roster/internal/form"
	"roster/internal/task/periodic"
)

// isRead reports whether a task or a schedule is read from a field of that name.
func isRead(name string) bool { return readable()[name] }

var readable = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, field := range append(TaskFields(), periodic.Table().Fields()...) {
		names[field.Name] = true
	}
	for _, group := range periodic.Groups() {
		names[group] = true
	}
	return names
})

// ReadBody reads a request's body as decode.Body does, and beyond that the lists
// and objects in JSON: the members of a group, such as a crontab, become fields of
// their own, "crontab.hour" for instance, as forms have them; other lists and
// objects have their JSON as text.
func ReadBody(contentType, body string) (form.Input, error) {
	in, err := decode.Body(contentType, body, decode.Options{Mode: form.Partial, Keep: isRead, Nested: true})
	if err != nil {
		return nil, err
	}
	for name, value := range in {
		if value.Kind != form.List && value.Kind != form.Object {
			continue
		}
		if value.Kind == form.Object && slices.Contains(periodic.Groups(), name) {
			if err := unfold(in, name, value.Text); err != nil {
				return nil, err
			}
			continue
		}
		value.Text = compact(value.Text)
		in[name] = value
	}
	dropEmptyGroups(in)
	return in, nil
}

// unfold makes fields of the members of a group.
func unfold(in form.Input, group, object string) error {
	keep := func(member string) bool { return isRead(group + "." + member) }
	members, err := decode.Body("application/json", object, decode.Options{Mode: form.Partial, Keep: keep, Nested: true})
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

func compact(text string) string {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		return text
	}
	return b.String()
}

// IsForm reports whether a body of that Content-Type is a form, in which a box
// that is not ticked is missing.
func IsForm(contentType string) bool {
	m := drf.ParseMediaType(contentType)
	return m.Type == "multipart" || strings.HasSuffix(m.Subtype, "form-urlencoded")
}
