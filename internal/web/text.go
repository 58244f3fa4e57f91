package web

import (
	"hash/fnv"
	"strconv"
	"strings"
	"unicode"

	"roster/internal/user"
)

// grouped writes a number as 1,234,567.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, c := range digits {
		if left := len(digits) - i; i > 0 && left%3 == 0 && digits[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// countOf writes "1 user" or "1,234 users".
func countOf(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// initials are one or two letters for a person: of the names, else of the username.
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

// firstLetter returns the first letter or digit in upper case, "" when there is none.
func firstLetter(s string) string {
	for _, c := range s {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return string(unicode.ToUpper(c))
		}
	}
	return ""
}

// tints is how many colours roster.css has for a person's initials.
const tints = 6

// tintOf chooses a colour from 1 that stays with the username.
func tintOf(username string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(username)) // a hash takes everything
	return int(h.Sum32()%tints) + 1
}

// fullName joins the names that are there.
func fullName(u *user.User) string {
	return strings.TrimSpace(u.FirstName.String + " " + u.LastName.String)
}
