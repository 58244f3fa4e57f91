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

// Account is one row of auth_user: a staff account.
type Account struct {
	ID          int64       // positive, never reused
	Username    string      // 1 to 150 letters, digits and @.+-_, in Unicode's form NFKC; unique, as the table compares names
	Password    secret.Text // the hash in Django's encoded form, at most 128 bytes
	Email       string      // at most 254 code points, "" for none; its domain is in lower case
	FirstName   string      // at most 150 code points
	LastName    string      // at most 150 code points
	IsActive    bool
	IsStaff     bool      // may enter the admin site
	IsSuperuser bool      // holds every permission
	LastLogin   time.Time // UTC, whole microseconds; zero if never
	DateJoined  time.Time // UTC, whole microseconds
	Language    string    // of pages, "" if the account has chosen none; only SetLanguage stores it
}

// Holdings are the permissions and groups of an account, besides its flags.
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

// AccountChange is a change of an account. Nil fields stay unchanged; on create
// they are empty, and IsActive is true.
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

// apply returns the account with the change, normalized as Django's forms do.
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

// NormalizeUsername returns a username as it is stored and looked up: trimmed
// and in Unicode's form NFKC, as in Django's UsernameField. A text too long for
// a username is not normalized, because the result could be eleven times as
// long, and anyone can send one to the login.
func NormalizeUsername(s string) string {
	s = form.Strip(s)
	if utf8.RuneCountInString(s) > maxName {
		return s
	}
	return norm.NFKC.String(s)
}

// normalizeEmail lower-cases the domain, like Django's BaseUserManager.
func normalizeEmail(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return s
	}
	return s[:at+1] + form.Lower(s[at+1:])
}

// faults returns the errors of Django's forms for the account's texts, in form
// order.
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

// isNotUsername reports what UnicodeUsernameValidator's [\w.@+-] rejects.
// Python's \w matches Unicode letters and numbers, and the underscore.
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

// attributes are the texts that a password must not resemble.
func (a Account) attributes() Attributes {
	return Attributes{Username: a.Username, FirstName: a.FirstName, LastName: a.LastName, Email: a.Email}
}
