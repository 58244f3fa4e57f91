// Package decode parses request bodies as Django REST Framework 3.14 on Django 4.2
// and Python 3.13 does: JSON, URL-encoded forms and multipart forms, with the same
// charsets, leniency and error messages. Time and memory are linear in the size of
// the body, which the caller must limit.
package decode

import (
	"fmt"

	"roster/internal/api/drf"
	"roster/internal/fault"
	"roster/internal/form"
)

// Body decodes a request body by its Content-Type header, "" for none. An empty body
// of any type is an empty input; an empty form is still a form, see below. Ranges
// that include JSON, such as "*/*", are read as JSON. Charsets are those of package
// drf; others are read as UTF-8.
//
// In a form the last of repeated fields counts, and an uploaded file has the kind
// Object, which no field accepts. Browsers send nothing for an unchecked box, so a
// missing is_active is false, unless mode is Partial; a blank one is missing from
// the input.
//
// Errors are of kind fault.Unsupported for other types, and of kind fault.Invalid:
// with a message for a body that does not parse, with the field non_field_errors
// for JSON that is not an object, and ErrTooManyFields.
func Body(contentType string, body []byte, mode form.Mode) (form.Input, error) {
	m := drf.ParseMediaType(contentType)
	if len(body) == 0 {
		return emptyBody(m, mode), nil
	}
	label, _ := m.Param("charset")
	charset, _ := drf.LookupCharset(label)
	switch {
	case m.Matches("application", "json"):
		return readJSON(body, charset)
	case m.Matches(formType.Type, formType.Subtype):
		return readForm(body, charset, mode)
	case m.Matches(multipartType.Type, multipartType.Subtype):
		return readMultipart(contentType, body, charset, mode)
	}
	message := fmt.Sprintf("Unsupported media type %s in request.", `"`+headerText(contentType)+`"`)
	return nil, fault.New(fault.Unsupported, message)
}

var (
	formType      = drf.ParseMediaType("application/x-www-form-urlencoded")
	multipartType = drf.ParseMediaType("multipart/form-data")
)

// emptyBody returns the input of an empty body. It is a form only for exact types,
// not for ranges.
func emptyBody(m drf.MediaType, mode form.Mode) form.Input {
	for _, t := range []drf.MediaType{formType, multipartType} {
		if m.Type == t.Type && m.Subtype == t.Subtype {
			return formInput(form.Input{}, mode)
		}
	}
	return form.Input{}
}

// headerText returns a header value as WSGI passes it: one character per byte.
func headerText(value string) string {
	return drf.Latin1.DecodeLossy([]byte(value))
}
