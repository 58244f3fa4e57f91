package api

import (
	"net/http"
	"strconv"

	"roster/internal/access"
	"roster/internal/form"
)

// describe answers OPTIONS as Django REST Framework's SimpleMetadata does. It
// describes the fields of methods that the actor may use, those of PUT only for
// existing rows.
func (v *view) describe(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	b := form.AppendString([]byte(`{"name":`), v.name)
	b = form.AppendString(append(b, `,"description":`...), v.description)
	b = append(b, `,"renders":["application/json","text/html"]`+
		`,"parses":["application/json","application/x-www-form-urlencoded","multipart/form-data"]`...)
	if method := v.described(r, actor); method != "" {
		b = form.AppendString(append(b, `,"actions":{`...), method)
		b = appendMetadata(append(b, ':'), v.subject.fields)
		b = append(b, '}')
	}
	return respond(w, http.StatusOK, append(b, '}'))
}

// described returns the method whose fields are described, "" for none.
func (v *view) described(r *http.Request, actor access.Actor) string {
	if v.subject == nil {
		return ""
	}
	if v.can(actor, http.MethodPost) {
		return http.MethodPost
	}
	if !v.can(actor, http.MethodPut) {
		return ""
	}
	if _, err := v.subject.stored(v.api, r, actor); err != nil {
		return ""
	}
	return http.MethodPut
}

func appendMetadata(b []byte, fields []form.Field) []byte {
	b = append(b, '{')
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(form.AppendString(b, f.Name), `:{"type":`...)
		b = form.AppendString(b, string(f.Type))
		b = strconv.AppendBool(append(b, `,"required":`...), f.Required)
		b = strconv.AppendBool(append(b, `,"read_only":`...), f.ReadOnly)
		b = form.AppendString(append(b, `,"label":`...), f.Label)
		if f.MaxLength > 0 {
			b = strconv.AppendInt(append(b, `,"max_length":`...), int64(f.MaxLength), 10)
		}
		b = append(b, '}')
	}
	return append(b, '}')
}
