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
func readForm(body string, charset drf.Charset, o Options) (form.Input, error) {
	decoded, err := text(body, charset.Decode, charset)
	if err != nil {
		decoded = drf.Latin1.DecodeLossy([]byte(body))
	}
	if strings.Count(decoded, "&") >= maxFields {
		return nil, ErrTooManyFields
	}
	input := form.Input{}
	for pair := range strings.SplitSeq(decoded, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name = charset.UnquotePlus(name); pair != "" && o.keeps(name) {
			input[name] = form.Value{Kind: form.String, Text: charset.UnquotePlus(value)}
		}
	}
	return formInput(input, o.Mode), nil
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
