package decode

import (
	"fmt"
	"strconv"
	"strings"

	"roster/internal/api/drf"
	"roster/internal/form"
)

// valueError is an invalid value, with the message of the reference.
type valueError string

func (e valueError) Error() string { return string(e) }

// number parses a number. Like the reference it reports the constants that Python's
// json module adds to JSON differently from garbage.
func (s *scanner) number() (form.Value, error) {
	for _, constant := range []string{"NaN", "Infinity", "-Infinity"} {
		if strings.HasPrefix(s.text[s.pos:], constant) {
			return form.Value{}, valueError("Out of range float values are not JSON compliant: '" + constant + "'")
		}
	}
	start := s.pos
	integer := s.integerEnd(start)
	if integer < 0 {
		return form.Value{}, s.fail("Expecting value", start)
	}
	s.pos = s.exponentEnd(s.fractionEnd(integer))
	literal := s.text[start:s.pos]
	if s.pos == integer {
		return integerValue(literal)
	}
	// The literal is well-formed, so the only possible error is one of range, for
	// which the value is infinity, as in Python.
	number, _ := strconv.ParseFloat(literal, 64)
	return form.Value{Kind: form.Float, Number: number}, nil
}

func integerValue(literal string) (form.Value, error) {
	if digits := len(strings.TrimPrefix(literal, "-")); digits > drf.MaxDigits {
		return form.Value{}, valueError(fmt.Sprintf("Exceeds the limit (%d digits) for integer string conversion: "+
			"value has %d digits; use sys.set_int_max_str_digits() to increase the limit", drf.MaxDigits, digits))
	}
	if literal == "-0" {
		literal = "0"
	}
	return form.Value{Kind: form.Integer, Text: literal}, nil
}

// integerEnd returns the end of the integer at start, -1 for none. A leading zero
// must be the only digit.
func (s *scanner) integerEnd(start int) int {
	digits := start
	if digits < len(s.text) && s.text[digits] == '-' {
		digits++
	}
	if digits < len(s.text) && s.text[digits] == '0' {
		return digits + 1
	}
	if end := s.digitsEnd(digits); end > digits {
		return end
	}
	return -1
}

// fractionEnd returns the end of the fraction at i, i for none.
func (s *scanner) fractionEnd(i int) int {
	if i < len(s.text) && s.text[i] == '.' {
		if end := s.digitsEnd(i + 1); end > i+1 {
			return end
		}
	}
	return i
}

// exponentEnd returns the end of the exponent at i, i for none.
func (s *scanner) exponentEnd(i int) int {
	if i >= len(s.text) || s.text[i]|0x20 != 'e' {
		return i
	}
	digits := i + 1
	if digits < len(s.text) && (s.text[digits] == '+' || s.text[digits] == '-') {
		digits++
	}
	if end := s.digitsEnd(digits); end > digits {
		return end
	}
	return i
}

func (s *scanner) digitsEnd(i int) int {
	for i < len(s.text) && '0' <= s.text[i] && s.text[i] <= '9' {
		i++
	}
	return i
}
