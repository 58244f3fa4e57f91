package decode

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// string parses a string from its opening quote and decodes its escapes. Lone
// surrogates are encoded in three bytes.
func (s *scanner) string() (string, error) {
	opening := s.pos
	s.pos++
	var unescaped []byte
	for start := s.pos; ; start = s.pos {
		end, err := s.plainEnd(opening)
		if err != nil {
			return "", err
		}
		if s.pos = end + 1; s.text[end] == '"' {
			if unescaped == nil {
				return s.text[start:end], nil
			}
			return string(append(unescaped, s.text[start:end]...)), nil
		}
		unescaped = append(unescaped, s.text[start:end]...)
		if unescaped, err = s.escape(unescaped, opening); err != nil {
			return "", err
		}
	}
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

// escape parses an escape after its backslash and appends its meaning.
func (s *scanner) escape(out []byte, opening int) ([]byte, error) {
	if s.pos == len(s.text) {
		return nil, s.fail("Unterminated string starting at", opening)
	}
	s.pos++
	switch b := s.text[s.pos-1]; b {
	case '"', '\\', '/':
		return append(out, b), nil
	case 'b':
		return append(out, '\b'), nil
	case 'f':
		return append(out, '\f'), nil
	case 'n':
		return append(out, '\n'), nil
	case 'r':
		return append(out, '\r'), nil
	case 't':
		return append(out, '\t'), nil
	case 'u':
		return s.unicodeEscape(out)
	}
	return nil, s.fail(`Invalid \escape`, s.pos-2)
}

// unicodeEscape parses four digits, and a second escape if the two are a surrogate
// pair, and appends the character.
func (s *scanner) unicodeEscape(out []byte) ([]byte, error) {
	unit, ok := s.hex4(s.pos)
	if !ok {
		return nil, s.fail(`Invalid \uXXXX escape`, s.pos-1)
	}
	s.pos += 4
	if !utf16.IsSurrogate(unit) {
		return utf8.AppendRune(out, unit), nil
	}
	if s.at('\\') && s.pos+1 < len(s.text) && s.text[s.pos+1] == 'u' {
		low, ok := s.hex4(s.pos + 2)
		if r := utf16.DecodeRune(unit, low); ok && r != utf8.RuneError {
			s.pos += 6
			return utf8.AppendRune(out, r), nil
		}
	}
	return appendSurrogate(out, unit), nil
}

// hex4 parses four hexadecimal digits. Python requires text after them.
func (s *scanner) hex4(start int) (rune, bool) {
	if start+4 >= len(s.text) {
		return 0, false
	}
	unit, err := strconv.ParseUint(s.text[start:start+4], 16, 16)
	return rune(unit), err == nil
}

// appendSurrogate appends a lone surrogate encoded like other characters in UTF-8.
func appendSurrogate(out []byte, r rune) []byte {
	return append(out, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0xBF, 0x80|byte(r)&0xBF) //nolint:gosec // truncation is intended
}
