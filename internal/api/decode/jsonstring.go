package decode

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// string parses a string from its opening quote and decodes its escapes. Lone
// surrogates are encoded in three bytes. The result is "" if it is not kept.
func (s *scanner) string() (string, error) {
	opening := s.pos
	s.pos++
	var unescaped strings.Builder
	for start := s.pos; ; start = s.pos {
		end, err := s.plainEnd(opening)
		if err != nil {
			return "", err
		}
		s.pos = end + 1
		switch {
		case s.text[end] == '"' && start == opening+1:
			return s.text[start:end], nil
		case !s.drop:
			unescaped.Grow(s.room(start, unescaped.Len()))
			unescaped.WriteString(s.text[start:end])
		}
		if s.text[end] == '"' {
			return unescaped.String(), nil
		}
		r, err := s.escape(opening)
		if err != nil {
			return "", err
		}
		if !s.drop {
			writeRune(&unescaped, r)
		}
	}
}

// room returns the size of a string from its first escape on: at most that of the
// text up to the closing quote. It is 0 once the string has begun.
func (s *scanner) room(start, written int) int {
	if written > 0 {
		return 0
	}
	for end := start; end < len(s.text); end++ {
		switch s.text[end] {
		case '"':
			return end - start
		case '\\':
			end++
		}
	}
	return 0
}

// plainEnd returns the position of the next quote or backslash.
func (s *scanner) plainEnd(opening int) (int, error) {
	for i := s.pos; i < len(s.text); i++ {
		switch b := s.text[i]; {
		case b == '"', b == '\\':
			return i, nil
		case b < ' ':
			return 0, s.fail("Invalid control character at", i)
		}
	}
	return 0, s.fail("Unterminated string starting at", opening)
}

// escape parses an escape after its backslash and returns its meaning, which may
// be a lone surrogate.
func (s *scanner) escape(opening int) (rune, error) {
	if s.pos == len(s.text) {
		return 0, s.fail("Unterminated string starting at", opening)
	}
	s.pos++
	switch b := s.text[s.pos-1]; b {
	case '"', '\\', '/':
		return rune(b), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		return s.unicodeEscape()
	}
	return 0, s.fail(`Invalid \escape`, s.pos-2)
}

// unicodeEscape parses four digits, and a second escape if the two are a surrogate
// pair.
func (s *scanner) unicodeEscape() (rune, error) {
	unit, ok := s.hex4(s.pos)
	if !ok {
		return 0, s.fail(`Invalid \uXXXX escape`, s.pos-1)
	}
	s.pos += 4
	if !utf16.IsSurrogate(unit) {
		return unit, nil
	}
	if s.at('\\') && s.pos+1 < len(s.text) && s.text[s.pos+1] == 'u' {
		low, ok := s.hex4(s.pos + 2)
		if r := utf16.DecodeRune(unit, low); ok && r != utf8.RuneError {
			s.pos += 6
			return r, nil
		}
	}
	return unit, nil
}

// hex4 parses four hexadecimal digits. Python requires text after them.
func (s *scanner) hex4(start int) (rune, bool) {
	if start+4 >= len(s.text) {
		return 0, false
	}
	unit, err := strconv.ParseUint(s.text[start:start+4], 16, 16)
	return rune(unit), err == nil
}

// writeRune writes a character, and a lone surrogate encoded like other characters
// in UTF-8.
func writeRune(to *strings.Builder, r rune) {
	if !utf16.IsSurrogate(r) {
		to.WriteRune(r)
		return
	}
	to.Write([]byte{0xE0 | byte(r>>12), 0x80 | byte(r>>6)&0xBF, 0x80 | byte(r)&0xBF}) //nolint:gosec // truncation is intended
}
