package auth

import (
	"strings"
	"unicode"
)

// numeric is Django's NumericPasswordValidator.
type numeric struct{}

func (numeric) weakness(password string, _ Attributes) (Weakness, bool) {
	if password == "" || strings.ContainsFunc(password, isNoDigit) {
		return Weakness{}, false
	}
	return Weakness{"password_entirely_numeric", "This password is entirely numeric."}, true
}

func (numeric) help() string {
	return "Your password can’t be entirely numeric."
}

// isNoDigit reports whether Python's str.isdigit excludes the character.
func isNoDigit(r rune) bool {
	return !unicode.IsDigit(r) && !unicode.Is(otherDigits, r)
}

// otherDigits are the characters of Unicode's Numeric_Type Digit, superscripts,
// circled digits and the like, which are not decimal digits.
var otherDigits = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x00B2, 0x00B3, 1}, {0x00B9, 0x00B9, 1}, {0x1369, 0x1371, 1}, {0x19DA, 0x19DA, 1}, {0x2070, 0x2070, 1}, {0x2074, 0x2079, 1},
		{0x2080, 0x2089, 1}, {0x2460, 0x2468, 1}, {0x2474, 0x247C, 1}, {0x2488, 0x2490, 1}, {0x24EA, 0x24EA, 1}, {0x24F5, 0x24FD, 1},
		{0x24FF, 0x24FF, 1}, {0x2776, 0x277E, 1}, {0x2780, 0x2788, 1}, {0x278A, 0x2792, 1},
	},
	R32:         []unicode.Range32{{0x10A40, 0x10A43, 1}, {0x10E60, 0x10E68, 1}, {0x11052, 0x1105A, 1}, {0x1F100, 0x1F10A, 1}},
	LatinOffset: 2,
}
