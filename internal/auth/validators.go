package auth

import "roster/internal/secret"

// Weakness is a reason to reject a password.
type Weakness struct {
	Code    string // of Django's ValidationError, such as "password_too_short"
	Message string // worded as in Django 4.2
}

// Attributes are texts of an account that a password must not resemble. Empty
// ones are ignored.
type Attributes struct {
	Username, FirstName, LastName, Email string
}

// DefaultMinLength is the default minimum length of a password, in code points.
// Django's own default is 8.
const DefaultMinLength = 12

// Validators are Django 4.2's four password validators: similarity to the
// account's attributes, length, common passwords, only digits. They are safe
// for concurrent use.
type Validators struct {
	checks []validator
}

// validator is one rule about passwords.
type validator interface {
	// weakness returns what is wrong with a password, or false.
	weakness(password string, about Attributes) (Weakness, bool)
	help() string
}

// NewValidators returns the four validators with that minimum length, in code
// points.
func NewValidators(minLength int) *Validators {
	return &Validators{checks: []validator{similarity{}, length{minLength}, newCommon(), numeric{}}}
}

// Check returns all weaknesses of a password for an account with those
// attributes, in the order of Django's settings; none if it is acceptable.
func (v *Validators) Check(password secret.Text, about Attributes) []Weakness {
	var found []Weakness
	for _, check := range v.checks {
		if w, weak := check.weakness(password.Reveal(), about); weak {
			found = append(found, w)
		}
	}
	return found
}

// Help returns a sentence for each rule, for password forms.
func (v *Validators) Help() []string {
	texts := make([]string, len(v.checks))
	for i, check := range v.checks {
		texts[i] = check.help()
	}
	return texts
}
