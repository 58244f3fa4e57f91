// Package decode parses request bodies as Django REST Framework 3.14 on Django 4.2
// and Python 3.13 does: JSON, URL-encoded forms and multipart forms, with the same
// charsets, leniency and error messages. Time is linear in the size of the body,
// which the caller must limit; memory is a few times the values that are kept.
package decode

import (
	"fmt"
	"unicode/utf8"

	"roster/internal/api/drf"
	"roster/internal/fault"
	"roster/internal/form"
)

// Options say what to keep of a body.
type Options struct {
	Mode form.Mode
	// Keep reports whether a name belongs in the input; nil keeps every name.
	// Others are checked and dropped: a body may have a million of them.
	Keep func(name string) bool
	// Nested gives the lists and objects in JSON their text.
	Nested bool
}

func (o Options) keeps(name string) bool { return o.Keep == nil || o.Keep(name) }

// text returns the body in UTF-8, without a copy where it is that already.
func text(body string, decode func([]byte) (string, error), charset drf.Charset) (string, error) {
	if charset == drf.UTF8 && utf8.ValidString(body) {
		return body, nil
	}
	return decode([]byte(body))
}

// Body decodes a request body by its Content-Type header, "" for none. An empty body
// of any type is an empty input; an empty form is still a form, see below. Ranges
// that include JSON, such as "*/*", are read as JSON. Charsets are those of package
// drf; others are read as UTF-8.
//
// In a form the last of repeated fields counts, and an uploaded file has the kind
// Object, which no field accepts. Browsers send nothing for an unchecked box, so a
// missing is_active is false, unless the mode is Partial; a blank one is missing from
// the input.
//
// Errors are of kind fault.Unsupported for other types, and of kind fault.Invalid:
// with a message for a body that does not parse, with the field non_field_errors
// for JSON that is not an object, and ErrTooManyFields.
func Body(contentType, body string, o Options) (form.Input, error) {
	m := drf.ParseMediaType(contentType)
	if len(body) == 0 {
		return emptyBody(m, o.Mode), nil
	}
	label, _ := m.Param("charset")
	charset, _ := drf.LookupCharset(label)
	switch {
	case m.Matches("application", "json"):
		return readJSON(body, charset, o)
	case m.Matches(formType.Type, formType.Subtype):
		return readForm(body, charset, o)
	case m.Matches(multipartType.Type, multipartType.Subtype):
		return readMultipart(contentType, body, charset, o)
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
