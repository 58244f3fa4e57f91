package drf

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The reasons in Python's messages.
const (
	unexpectedEnd    = "unexpected end of data"
	truncatedData    = "truncated data"
	invalidStart     = "invalid start byte"
	invalidFollowing = "invalid continuation byte"
)

// decoder decodes bytes in a charset.
type decoder struct {
	charset Charset
	whole   []byte
	stream  bool // drop a truncated character at the end
	lossy   bool // U+FFFD instead of an error
}

func (d *decoder) run() (string, error) {
	start, err := d.byteOrder()
	if err != nil {
		return "", err
	}
	name, step := d.charset.codec()
	var out strings.Builder
	out.Grow(d.room())
	for i := start; i < len(d.whole); {
		r, size, reason := step(d.whole[i:])
		switch {
		case reason == "":
		case d.stream && d.cutOff(i, reason):
			return out.String(), nil
		case d.lossy:
			r = utf8.RuneError
		default:
			return "", &DecodeError{Codec: name, From: i, To: i + size, Byte: d.whole[i], Reason: reason}
		}
		out.WriteRune(r)
		i += size
	}
	return out.String(), nil
}

// room returns about the size of the result.
func (d *decoder) room() int {
	if d.charset != Latin1 {
		return len(d.whole)
	}
	n := len(d.whole)
	for _, b := range d.whole {
		n += int(b >> 7) // two bytes for each that is not ASCII
	}
	return n
}

// byteOrder determines the byte order of UTF16 and returns the start of the text.
func (d *decoder) byteOrder() (int, error) {
	if d.charset != UTF16 {
		return 0, nil
	}
	d.charset = UTF16LE
	if len(d.whole) < 2 {
		return 0, nil
	}
	switch binary.LittleEndian.Uint16(d.whole) {
	case 0xFEFF:
		return 2, nil
	case 0xFFFE:
		d.charset = UTF16BE
		return 2, nil
	}
	if d.stream {
		return 0, errNoByteOrderMark
	}
	return 0, nil
}

// cutOff reports whether the error at i is a truncated character at the end. Python
// treats the first two bytes of a surrogate as one.
func (d *decoder) cutOff(i int, reason string) bool {
	rest := d.whole[i:]
	surrogate := d.charset == UTF8 && len(rest) == 2 && rest[0] == 0xED && 0xA0 <= rest[1] && rest[1] <= 0xBF
	return reason == unexpectedEnd || reason == truncatedData || surrogate
}

// codec returns the name of the charset and a function that decodes the first
// character: its value and size, or the reason for an error and the number of
// invalid bytes.
func (c Charset) codec() (name string, step func([]byte) (rune, int, string)) {
	switch c {
	case Latin1:
		return "latin-1", func(b []byte) (rune, int, string) { return rune(b[0]), 1, "" }
	case ASCII:
		return "ascii", stepASCII
	case UTF16BE:
		return "utf-16-be", func(b []byte) (rune, int, string) { return stepUTF16(b, binary.BigEndian) }
	case UTF16, UTF16LE:
		return "utf-16-le", func(b []byte) (rune, int, string) { return stepUTF16(b, binary.LittleEndian) }
	default:
		return "utf-8", stepUTF8
	}
}

func stepASCII(b []byte) (rune, int, string) {
	if b[0] >= utf8.RuneSelf {
		return 0, 1, "ordinal not in range(128)"
	}
	return rune(b[0]), 1, ""
}

func stepUTF8(b []byte) (rune, int, string) {
	r, size := utf8.DecodeRune(b)
	if r != utf8.RuneError || size != 1 {
		return r, size, ""
	}
	need, low, high := following(b[0])
	if need == 0 {
		return 0, 1, invalidStart
	}
	for i := 1; i <= need; i++ {
		if i == len(b) {
			return 0, i, unexpectedEnd
		}
		if b[i] < low || b[i] > high {
			return 0, i, invalidFollowing
		}
		low, high = 0x80, 0xBF
	}
	return 0, 1, invalidStart
}

// following returns the number of bytes after the first one of a sequence, and the
// bounds of the second byte (Unicode standard, table 3-7).
func following(first byte) (count int, low, high byte) {
	switch {
	case 0xC2 <= first && first <= 0xDF:
		return 1, 0x80, 0xBF
	case first == 0xE0:
		return 2, 0xA0, 0xBF
	case first == 0xED:
		return 2, 0x80, 0x9F
	case 0xE1 <= first && first <= 0xEF:
		return 2, 0x80, 0xBF
	case first == 0xF0:
		return 3, 0x90, 0xBF
	case 0xF1 <= first && first <= 0xF3:
		return 3, 0x80, 0xBF
	case first == 0xF4:
		return 3, 0x80, 0x8F
	}
	return 0, 0, 0
}

func stepUTF16(b []byte, order binary.ByteOrder) (rune, int, string) {
	if len(b) < 2 {
		return 0, 1, truncatedData
	}
	r := rune(order.Uint16(b))
	switch {
	case !utf16.IsSurrogate(r):
		return r, 2, ""
	case r >= 0xDC00:
		return 0, 2, "illegal encoding"
	case len(b) < 4:
		return 0, len(b), unexpectedEnd
	}
	if pair := utf16.DecodeRune(r, rune(order.Uint16(b[2:]))); pair != utf8.RuneError {
		return pair, 4, ""
	}
	return 0, 2, "illegal UTF-16 surrogate"
}
