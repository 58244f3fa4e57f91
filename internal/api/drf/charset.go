package drf

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Charset is a text encoding that behaves as the Python codec of the same name. The
// zero value is UTF8.
type Charset int

// The charsets.
const (
	UTF8 Charset = iota
	Latin1
	ASCII
	UTF16 // in the order of its byte order mark
	UTF16LE
	UTF16BE
)

// DecodeError is a position of text that is invalid in its charset, with the
// message of Python's UnicodeDecodeError.
type DecodeError struct {
	Codec    string
	From, To int  // the offending bytes, To excluded
	Byte     byte // at From
	Reason   string
}

// Error returns the message with positions in bytes, the last one included.
func (e *DecodeError) Error() string {
	if e.To == e.From+1 {
		return fmt.Sprintf("'%s' codec can't decode byte 0x%02x in position %d: %s", e.Codec, e.Byte, e.From, e.Reason)
	}
	return fmt.Sprintf("'%s' codec can't decode bytes in position %d-%d: %s", e.Codec, e.From, e.To-1, e.Reason)
}

// errNoByteOrderMark is the error of Python's stream reader for UTF-16 without one.
var errNoByteOrderMark = errors.New("UTF-16 stream does not start with BOM")

// LookupCharset returns the charset of a name or alias in Python; UTF8 and false if
// it is not supported.
func LookupCharset(name string) (Charset, bool) {
	fields := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789.", r)
	})
	switch strings.Join(fields, "_") {
	case "utf_8", "utf8", "u8", "utf", "utf8_ucs2", "utf8_ucs4", "cp65001":
		return UTF8, true
	case "latin_1", "latin1", "latin", "l1", "iso_8859_1", "iso8859_1", "iso8859", "8859",
		"iso_8859_1_1987", "iso_ir_100", "cp819", "ibm819", "csisolatin1":
		return Latin1, true
	case "ascii", "us_ascii", "us", "646", "iso646_us", "iso_646.irv_1991", "iso_ir_6", "cp367", "ibm367", "csascii",
		"ansi_x3.4_1968", "ansi_x3_4_1968", "ansi_x3.4_1986":
		return ASCII, true
	case "utf_16", "utf16", "u16":
		return UTF16, true
	case "utf_16_le", "utf_16le", "unicodelittleunmarked":
		return UTF16LE, true
	case "utf_16_be", "utf_16be", "unicodebigunmarked":
		return UTF16BE, true
	}
	return UTF8, false
}

// Decode returns b as UTF-8. Invalid text is a *DecodeError.
func (c Charset) Decode(b []byte) (string, error) {
	if c == UTF8 && utf8.Valid(b) {
		return string(b), nil
	}
	d := decoder{charset: c, whole: b}
	return d.run()
}

// DecodeStream is Decode as Python's stream reader does it: it drops a truncated
// character at the end, and UTF16 must begin with a byte order mark.
func (c Charset) DecodeStream(b []byte) (string, error) {
	if c == UTF8 && utf8.Valid(b) {
		return string(b), nil
	}
	d := decoder{charset: c, whole: b, stream: true}
	return d.run()
}

// DecodeLossy is Decode with U+FFFD for each invalid sequence.
func (c Charset) DecodeLossy(b []byte) string {
	if (c == UTF8 || c == ASCII) && asciiLen(b) == len(b) {
		return string(b)
	}
	d := decoder{charset: c, whole: b, lossy: true}
	out, _ := d.run()
	return out
}
