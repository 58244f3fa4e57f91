// Package decode reads request bodies into user input as Django REST Framework
// 3.14 on Django 4.2 and Python 3.13 does: JSON, URL-encoded forms and
// multipart forms, with their charsets, leniencies and error texts. Time and
// memory are linear in the body; bounding its size is for the caller.
package decode

import (
	"fmt"

	"roster/internal/api/drf"
	"roster/internal/fault"
	"roster/internal/form"
)

// Body decodes a request body by its Content-Type header, "" when there is
// none. An empty body is an empty input whatever its type; an empty form is still
// a form, of which see below. Ranges that JSON is within, such as "*/*", are
// read as JSON. Charsets are those of package drf; any other is read as UTF-8.
//
// In a form the last of repeated fields counts, and an uploaded file is of kind
// Object, which no field takes. As browsers send nothing for an unticked box,
// is_active left out of a form is false, unless mode is Partial; left blank it
// counts as left out of the input.
//
// Errors are of kind fault.Unsupported, for a type that is none of the above,
// or fault.Invalid: with a message for a body that does not parse, with the
// field non_field_errors for JSON that is no object, ErrTooManyFields.
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

// emptyBody is the input of no body at all. Only the types themselves, not
// ranges, make it a form.
func emptyBody(m drf.MediaType, mode form.Mode) form.Input {
	for _, t := range []drf.MediaType{formType, multipartType} {
		if m.Type == t.Type && m.Subtype == t.Subtype {
			return formInput(form.Input{}, mode)
		}
	}
	return form.Input{}
}

// headerText is a header's value as WSGI hands it over: one character a byte.
func headerText(value string) string {
	return drf.Latin1.DecodeLossy([]byte(value))
}
