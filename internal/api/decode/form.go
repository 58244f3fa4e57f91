package decode

import (
	"strings"

	"roster/internal/api/drf"
	"roster/internal/fault"
	"roster/internal/form"
)

// maxFields is Django's DATA_UPLOAD_MAX_NUMBER_FIELDS.
const maxFields = 1000

// ErrTooManyFields is the error of a form with more than 1000 fields or 100 files.
// It is of kind fault.Invalid; the reference answers with an HTML page.
var ErrTooManyFields = fault.New(fault.Invalid, "The form has too many fields.")

const activeField = "is_active"

// readForm decodes a URL-encoded form. A body that is not valid in its charset
// is read as Latin-1, as Django's QueryDict does.
func readForm(body []byte, charset drf.Charset, mode form.Mode) (form.Input, error) {
	text, err := charset.Decode(body)
	if err != nil {
		text = drf.Latin1.DecodeLossy(body)
	}
	if strings.Count(text, "&") >= maxFields {
		return nil, ErrTooManyFields
	}
	input := form.Input{}
	for _, p := range charset.ParsePairs(text) {
		input[p.Name] = form.Value{Kind: form.String, Text: p.Value}
	}
	return formInput(input, mode), nil
}

// formInput sets a missing or blank is_active as in an HTML form.
func formInput(input form.Input, mode form.Mode) form.Input {
	value, present := input[activeField]
	switch {
	case !present && mode != form.Partial:
		input[activeField] = form.Value{Kind: form.Boolean}
	case present && value.Kind == form.String && value.Text == "":
		delete(input, activeField)
	}
	return input
}
