package auth

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/secret"
)

// Account is one row of auth_user: somebody who may sign in.
type Account struct {
	ID          int64       // positive, never used again after a delete
	Username    string      // 1 to 150 letters, digits and @.+-_, in Unicode's form NFKC; unique, exactly as written
	Password    secret.Text // its hash in Django's encoded form, at most 128 bytes
	Email       string      // at most 254 code points, "" for none; its domain is in lower case
	FirstName   string      // at most 150 code points
	LastName    string      // at most 150 code points
	IsActive    bool
	IsStaff     bool      // may enter the admin site
	IsSuperuser bool      // holds every permission
	LastLogin   time.Time // UTC, whole microseconds; zero when there was none
	DateJoined  time.Time // UTC, whole microseconds
}

// Holdings are what an account was given beside its flags.
type Holdings struct {
	Permissions []access.Permission // its own, sorted
	Groups      []Group             // sorted by name
}

// Held returns the permissions of an account with these holdings: its own and
// those of its groups.
func (h Holdings) Held() []access.Permission {
	held := h.Permissions[:len(h.Permissions):len(h.Permissions)]
	for _, g := range h.Groups {
		held = append(held, g.Permissions...)
	}
	return held
}

// AccountChange is what a caller wants an account to be. What is nil stays as
// it is; on create it is empty, and IsActive true.
type AccountChange struct {
	Username, Email, FirstName, LastName *string
	IsActive, IsStaff, IsSuperuser       *bool
	Permissions                          *[]access.Permission // its own
	Groups                               *[]int64             // ids
}

// The lengths of Django's columns, in code points.
const (
	maxName  = 150
	maxEmail = 254
)

// apply returns the account with the changes made, normalised as Django's forms do.
func (c AccountChange) apply(a Account) Account {
	set(&a.Username, normalised(c.Username, NormalizeUsername))
	set(&a.Email, normalised(c.Email, func(s string) string { return normalizeEmail(form.Strip(s)) }))
	set(&a.FirstName, normalised(c.FirstName, form.Strip))
	set(&a.LastName, normalised(c.LastName, form.Strip))
	set(&a.IsActive, c.IsActive)
	set(&a.IsStaff, c.IsStaff)
	set(&a.IsSuperuser, c.IsSuperuser)
	return a
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

func normalised(text *string, normalise func(string) string) *string {
	if text == nil {
		return nil
	}
	s := normalise(*text)
	return &s
}

// NormalizeUsername returns a username as it is stored and looked up: without
// white space around it, in Unicode's form NFKC, as Django's UsernameField has it.
// A text too long for a username is not brought into that form, in which it could
// be eleven times as long: anybody can send one to the login.
func NormalizeUsername(s string) string {
	s = form.Strip(s)
	if utf8.RuneCountInString(s) > maxName {
		return s
	}
	return norm.NFKC.String(s)
}

// normalizeEmail lower-cases the domain, as Django's BaseUserManager does.
func normalizeEmail(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return s
	}
	return s[:at+1] + form.Lower(s[at+1:])
}

// faults returns what Django's forms say about the account's texts, in the
// order of its form.
func (a Account) faults() (found fault.Fields) {
	switch {
	case a.Username == "":
		found.Add("username", "This field is required.")
	case strings.ContainsFunc(a.Username, isNotUsername):
		found.Add("username", "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.")
	}
	found.Add("username", tooLong(a.Username, maxName)...)
	found.Add("first_name", badText(a.FirstName, maxName)...)
	found.Add("last_name", badText(a.LastName, maxName)...)
	if a.Email != "" && !form.ValidEmail(a.Email) {
		found.Add("email", "Enter a valid email address.")
	}
	found.Add("email", tooLong(a.Email, maxEmail)...)
	return found
}

// isNotUsername reports what UnicodeUsernameValidator's [\w.@+-] refuses:
// Python's \w is what Unicode calls letters and numbers, and the underscore.
func isNotUsername(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("_.@+-", r) || r == utf8.RuneError
}

func badText(s string, most int) []string {
	messages := tooLong(s, most)
	if strings.ContainsRune(s, 0) {
		messages = append(messages, "Null characters are not allowed.")
	}
	if !utf8.ValidString(s) {
		messages = append(messages, "Enter valid text.")
	}
	return messages
}

func tooLong(s string, most int) []string {
	if n := utf8.RuneCountInString(s); n > most {
		return []string{fmt.Sprintf("Ensure this value has at most %d characters (it has %d).", most, n)}
	}
	return nil
}

// attributes are what a password may not be similar to.
func (a Account) attributes() Attributes {
	return Attributes{Username: a.Username, FirstName: a.FirstName, LastName: a.LastName, Email: a.Email}
}
