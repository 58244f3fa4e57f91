package web

import (
	"hash/fnv"
	"strings"
	"unicode"

	"roster/internal/user"
)

// initials returns one or two letters, of the names or of the username.
func initials(u *user.User) string {
	letters := firstLetter(u.FirstName.String) + firstLetter(u.LastName.String)
	if letters == "" {
		letters = firstLetter(u.Username)
	}
	if letters == "" {
		return "?"
	}
	return letters
}

// firstLetter returns the first letter or digit in upper case, "" for none.
func firstLetter(s string) string {
	for _, c := range s {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return string(unicode.ToUpper(c))
		}
	}
	return ""
}

// tints is the number of colors for initials in roster.css.
const tints = 6

// tintOf returns the color of a username, from 1.
func tintOf(username string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(username)) // a hash takes everything
	return int(h.Sum32()%tints) + 1
}

// fullName returns first and last name.
func fullName(u *user.User) string {
	return strings.TrimSpace(u.FirstName.String + " " + u.LastName.String)
}
