package auth

import (
	"fmt"
	"unicode/utf8"
)

// length is Django's MinimumLengthValidator.
type length struct{ least int }

func (l length) weakness(password string, _ Attributes) (Weakness, bool) {
	if utf8.RuneCountInString(password) >= l.least {
		return Weakness{}, false
	}
	return Weakness{"password_too_short", "This password is too short. It must contain at least " + l.characters() + "."}, true
}

func (l length) help() string {
	return "Your password must contain at least " + l.characters() + "."
}

func (l length) characters() string {
	if l.least == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", l.least)
}
