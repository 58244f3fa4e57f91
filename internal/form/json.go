package form

import (
	"encoding/json"
	"time"
	"unicode/utf8"
)

// AppendTime appends ISO 8601 in UTC: six decimals, or none when they are all zero.
func AppendTime(b []byte, t time.Time) []byte {
	layout := "2006-01-02T15:04:05.000000Z"
	if t.Nanosecond() == 0 {
		layout = "2006-01-02T15:04:05Z"
	}
	return t.UTC().AppendFormat(b, layout)
}

const hexDigits = "0123456789abcdef"

// AppendString appends a JSON string in UTF-8 as it is. Escaped are only the
// quotation mark, the backslash, control characters, and U+2028 and U+2029,
// as the JSONRenderer does. Bytes that are no UTF-8 become U+FFFD.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			b = appendEscape(append(b, s[from:i]...), c)
			i++
			from = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if escape, ok := escapeRune(r, size); ok {
			b = append(append(b, s[from:i]...), escape...)
			from = i + size
		}
		i += size
	}
	return append(append(b, s[from:]...), '"')
}

func escapeRune(r rune, size int) (string, bool) {
	switch {
	case r == '\u2028':
		return `\u2028`, true
	case r == '\u2029':
		return `\u2029`, true
	case r == utf8.RuneError && size == 1:
		return "\ufffd", true
	}
	return "", false
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// UnmarshalJSON implements json.Unmarshaler: null is an absent Text.
func (t *Text) UnmarshalJSON(data []byte) error {
	t.Valid = string(data) != "null"
	return json.Unmarshal(data, &t.String)
}
