package auth

import (
	"crypto/rand"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/secret"
)

// The limits of API tokens.
const (
	TokenLife       = 90 * 24 * time.Hour // unless another one is asked for
	MaxTokens       = 100                 // of an account
	MaxTokenOverlap = 7 * 24 * time.Hour  // of a rotated token and its successor
	maxTokenName    = 100                 // code points
	MaxTokenDays    = 3650                // its longest lifetime, unless it does not expire
)

// APIToken is a credential with which a program acts as an account. Its text is
// shown once; only a digest of it is stored.
type APIToken struct {
	ID        int64
	Account   int64
	Name      string    // 1 to 100 code points
	Hint      string    // the first characters of the text, to recognize it
	Scopes    Scopes    // sorted; none: every permission of the account
	CreatedAt time.Time // UTC, whole microseconds
	ExpiresAt time.Time // zero: never
	UsedAt    time.Time // last use, up to a minute late; zero: never
	UsedFrom  string    // the address of the last use
}

// Object returns the token's object in the audit trail.
func (t APIToken) Object() audit.Object {
	return audit.Object{Type: "token", ID: t.ID, Name: t.Name}
}

// Expired reports whether the token has expired by that time.
func (t APIToken) Expired(now time.Time) bool {
	return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
}

func (t APIToken) fields() []field {
	var expires any
	if !t.ExpiresAt.IsZero() {
		expires = t.ExpiresAt.Format(time.RFC3339)
	}
	return []field{{"name", t.Name}, {"account", t.Account}, {"scopes", t.Scopes.String()}, {"expires_at", expires}}
}

// Scope names permissions that a token can be limited to, such as "users:read".
type Scope string

// scopes is the table of scopes, in display order.
var scopes = []struct {
	name        Scope
	label       string
	permissions []access.Permission
}{
	{"users:read", "View users", []access.Permission{access.ViewUser}},
	{"users:write", "View, add, change and delete users",
		[]access.Permission{access.ViewUser, access.AddUser, access.ChangeUser, access.DeleteUser}},
	{"tasks:read", "View tasks and schedules", []access.Permission{access.Schedules.View()}},
	{"tasks:write", "Run tasks; add, change and delete schedules",
		[]access.Permission{access.Schedules.View(), access.Schedules.Add(), access.Schedules.Change(), access.Schedules.Delete()}},
}

// Scopes limit a token to the permissions of all of them; none is no limit.
type Scopes []Scope

// String returns the names, separated by spaces.
func (s Scopes) String() string {
	names := make([]string, len(s))
	for i := range s {
		names[i] = string(s[i])
	}
	return strings.Join(names, " ")
}

// ParseScopes parses the output of String. It accepts unknown names, which grant
// nothing.
func ParseScopes(text string) (s Scopes) {
	for name := range strings.FieldsSeq(text) {
		s = append(s, Scope(name))
	}
	return s
}

// AllScopes returns the names of all scopes, in display order.
func AllScopes() Scopes {
	names := make(Scopes, len(scopes))
	for i := range scopes {
		names[i] = scopes[i].name
	}
	return names
}

// Label describes what the scope permits, "" for an unknown one.
func (s Scope) Label() string {
	for i := range scopes {
		if scopes[i].name == s {
			return scopes[i].label
		}
	}
	return ""
}

// Permissions returns the permissions that are of this scope and of none before it
// in the table: viewing is of users:read, not of users:write.
func (s Scope) Permissions() (own []access.Permission) {
	var earlier []access.Permission
	for i := range scopes {
		if scopes[i].name == s {
			return slices.DeleteFunc(slices.Clone(scopes[i].permissions), func(p access.Permission) bool { return slices.Contains(earlier, p) })
		}
		earlier = append(earlier, scopes[i].permissions...)
	}
	return nil
}

// permissionsOf returns the permissions of scopes.
func permissionsOf(of Scopes) (permissions []access.Permission) {
	for i := range scopes {
		if slices.Contains(of, scopes[i].name) {
			permissions = append(permissions, scopes[i].permissions...)
		}
	}
	return permissions
}

// NewAPIToken describes a token to be created.
type NewAPIToken struct {
	Name   string
	Scopes Scopes
	Life   time.Duration // 0: it does not expire
}

// check returns the errors of the input.
func (n *NewAPIToken) check() (found fault.Fields) {
	n.Name = form.Strip(n.Name)
	if n.Name == "" {
		found.Add("name", "This field is required.")
	}
	found.Add("name", badText(n.Name, maxTokenName)...)
	for _, s := range n.Scopes {
		if s.Label() == "" {
			found.Add("scopes", strconv.Quote(cutName(string(s)))+" is not a scope. The scopes are "+strings.ReplaceAll(AllScopes().String(), " ", ", ")+".")
			break
		}
	}
	slices.Sort(n.Scopes)
	n.Scopes = slices.Compact(n.Scopes)
	if n.Life < 0 || n.Life > MaxTokenDays*24*time.Hour {
		found.Add("expires_in_days", fmt.Sprintf("Ensure this value is between 1 and %d, or null.", MaxTokenDays))
	}
	return found
}

func cutName(s string) string {
	if utf8.RuneCountInString(s) <= maxTokenName {
		return s
	}
	return string([]rune(s)[:maxTokenName]) + "…"
}

// The text of a token: a prefix that secret scanners recognize, 130 random bits
// in base32, and a CRC-32 of the rest in base36, which detects typos without a
// query.
const (
	tokenPrefix  = "rst_"
	tokenRandom  = 26
	tokenSum     = 7
	tokenHint    = len(tokenPrefix) + 6
	tokenTextLen = len(tokenPrefix) + tokenRandom + tokenSum
)

// newTokenText returns the text of a new token.
func newTokenText() secret.Text {
	body := tokenPrefix + strings.ToLower(rand.Text()[:tokenRandom])
	return secret.New(body + checksum(body))
}

// checksum returns the CRC-32 of a text in seven digits of base36.
func checksum(body string) string {
	sum := strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 36)
	return strings.Repeat("0", tokenSum-len(sum)) + sum
}

// isTokenText reports whether a text is well-formed.
func isTokenText(text string) bool {
	if len(text) != tokenTextLen || !strings.HasPrefix(text, tokenPrefix) {
		return false
	}
	body := text[:len(text)-tokenSum]
	return checksum(body) == text[len(body):]
}
