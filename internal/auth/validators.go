package auth

import "roster/internal/secret"

// Weakness is one reason why a password is not accepted.
type Weakness struct {
	Code    string // as Django's ValidationError has it, such as "password_too_short"
	Message string // in Django 4.2's words
}

// Attributes are what an account says of its owner: a password may not be
// similar to any of them. An empty one is not looked at.
type Attributes struct {
	Username, FirstName, LastName, Email string
}

// DefaultMinLength is the least length of a password where nothing else is
// configured, in code points. Django's own default is 8.
const DefaultMinLength = 12

// Validators are Django 4.2's four password validators: similarity to the
// account's attributes, length, common passwords, digits alone. They are safe
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

// NewValidators returns the four validators, with that least length in code points.
func NewValidators(minLength int) *Validators {
	return &Validators{checks: []validator{similarity{}, length{minLength}, newCommon(), numeric{}}}
}

// Check returns everything that is wrong with a password for an account of
// those attributes, in the order of Django's settings; nothing when it may be used.
func (v *Validators) Check(password secret.Text, about Attributes) []Weakness {
	var found []Weakness
	for _, check := range v.checks {
		if w, weak := check.weakness(password.Reveal(), about); weak {
			found = append(found, w)
		}
	}
	return found
}

// Help returns a sentence on each rule, for the form that asks for a password.
func (v *Validators) Help() []string {
	texts := make([]string, len(v.checks))
	for i, check := range v.checks {
		texts[i] = check.help()
	}
	return texts
}
