package admin

import "roster/internal/fault"

// faults are the errors of a form by field.
type faults map[string][]string

// byField returns the messages of a form by the name of their field.
func byField(fields fault.Fields) faults {
	messages := faults{}
	for _, f := range fields {
		messages[f.Name] = append(messages[f.Name], f.Messages...)
	}
	return messages
}

// Of returns the errors of a field.
func (f faults) Of(field string) fieldFaults { return fieldFaults{field, f[field]} }

// fieldFaults is the data of the template field-faults.
type fieldFaults struct {
	Field    string // its name and id
	Messages []string
}

// newPasswordFields is the data of the template of the same name: a new password,
// twice.
type newPasswordFields struct {
	Label        string // of the first field
	First, Again fieldFaults
	Focus        bool     // on the first field
	Help         []string // the rules for passwords
}

// newPassword returns the fields of those names, without errors.
func (a *Admin) newPassword(label, first, again string) newPasswordFields {
	return newPasswordFields{Label: label, First: fieldFaults{Field: first}, Again: fieldFaults{Field: again}, Help: a.Accounts.PasswordHelp()}
}

// refuse adds the errors of package auth.
func (f *newPasswordFields) refuse(errors faults) {
	f.First.Messages, f.Again.Messages = errors["password"], errors["password_again"]
}
