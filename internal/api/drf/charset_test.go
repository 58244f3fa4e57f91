package drf_test

import (
	"testing"

	"roster/internal/api/drf"
)

func TestLookupCharset(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]drf.Charset{
		"utf-8": drf.UTF8, "UTF8": drf.UTF8, "utf 8": drf.UTF8, "-utf--8-": drf.UTF8, "cp65001": drf.UTF8,
		"latin-1": drf.Latin1, "ISO-8859-1": drf.Latin1, "iso_8859-1:1987": drf.Latin1, "l1": drf.Latin1,
		"ascii": drf.ASCII, "US-ASCII": drf.ASCII, "ANSI_X3.4-1968": drf.ASCII,
		"utf-16": drf.UTF16, "UTF-16LE": drf.UTF16LE, "utf_16_be": drf.UTF16BE,
	} {
		if got, known := drf.LookupCharset(name); got != want || !known {
			t.Errorf("%q: got %v, %v, want %v", name, got, known, want)
		}
	}
	for _, name := range []string{"", "nonsense", "utf.8", "utf-8-strict", "koi8-r"} {
		if got, known := drf.LookupCharset(name); got != drf.UTF8 || known {
			t.Errorf("%q: got %v, %v, want unknown", name, got, known)
		}
	}
}

func TestCharset_Decode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		charset          drf.Charset
		in, strict, lost string // strict is an error's text when it is not lost
	}{
		{drf.UTF8, "é😀", "é😀", "é😀"},
		{drf.UTF8, "a\xff\xff", "'utf-8' codec can't decode byte 0xff in position 1: invalid start byte", "a\uFFFD\uFFFD"},
		{drf.UTF8, "\xc0\x80", "'utf-8' codec can't decode byte 0xc0 in position 0: invalid start byte", "\uFFFD\uFFFD"},
		{drf.UTF8, "\xe2\x82a", "'utf-8' codec can't decode bytes in position 0-1: invalid continuation byte", "\uFFFDa"},
		{drf.UTF8, "\xf0\x9f\x98a", "'utf-8' codec can't decode bytes in position 0-2: invalid continuation byte", "\uFFFDa"},
		{drf.UTF8, "\xed\xa0\x80", "'utf-8' codec can't decode byte 0xed in position 0: invalid continuation byte", "\uFFFD\uFFFD\uFFFD"},
		{drf.UTF8, "\xe0\x80\x80", "'utf-8' codec can't decode byte 0xe0 in position 0: invalid continuation byte", "\uFFFD\uFFFD\uFFFD"},
		{drf.UTF8, "\xf4\x90", "'utf-8' codec can't decode byte 0xf4 in position 0: invalid continuation byte", "\uFFFD\uFFFD"},
		{drf.UTF8, "a\xf0\x9f\x98", "'utf-8' codec can't decode bytes in position 1-3: unexpected end of data", "a\uFFFD"},
		{drf.Latin1, "a\xe9\xff", "aéÿ", "aéÿ"},
		{drf.ASCII, "plain", "plain", "plain"},
		{drf.ASCII, "ab\xe9", "'ascii' codec can't decode byte 0xe9 in position 2: ordinal not in range(128)", "ab\uFFFD"},
		{drf.UTF16, "\xff\xfea\x00", "a", "a"},
		{drf.UTF16, "\xfe\xff\x00a", "a", "a"},
		{drf.UTF16, "a\x00", "a", "a"},
		{drf.UTF16LE, "\x3d\xd8\x00\xde", "😀", "😀"},
		{drf.UTF16LE, "\xff\xfea\x00", "\uFEFFa", "\uFEFFa"},
		{drf.UTF16BE, "\x00\x00\xdc\x00", "'utf-16-be' codec can't decode bytes in position 2-3: illegal encoding", "\x00\uFFFD"},
		{drf.UTF16LE, "\x00\xd8a\x00", "'utf-16-le' codec can't decode bytes in position 0-1: illegal UTF-16 surrogate", "\uFFFDa"},
		{drf.UTF16LE, "\x00\xd8", "'utf-16-le' codec can't decode bytes in position 0-1: unexpected end of data", "\uFFFD"},
		{drf.UTF16LE, "a", "'utf-16-le' codec can't decode byte 0x61 in position 0: truncated data", "\uFFFD"},
	} {
		got, err := c.charset.Decode([]byte(c.in))
		if err != nil {
			got = err.Error()
		}
		if got != c.strict || (err == nil) != (c.strict == c.lost) {
			t.Errorf("Decode(%q): got %q, want %q", c.in, got, c.strict)
		}
		if got := c.charset.DecodeLossy([]byte(c.in)); got != c.lost {
			t.Errorf("DecodeLossy(%q): got %q, want %q", c.in, got, c.lost)
		}
	}
}

func TestCharset_DecodeStream(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		charset  drf.Charset
		in, want string
	}{
		{drf.UTF8, "a\xf0\x9f\x98", "a"},
		{drf.UTF8, "a\xc3", "a"},
		{drf.UTF8, "a\xed\xa0", "a"},
		{drf.UTF16, "\xff\xfea\x00b", "a"},
		{drf.UTF16, "a", ""},
		{drf.UTF16BE, "\x00a\xd8\x3d", "a"},
	} {
		got, err := c.charset.DecodeStream([]byte(c.in))
		if got != c.want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", c.in, got, err, c.want)
		}
	}
	for in, want := range map[string]string{
		"a\xf0\x80": "'utf-8' codec can't decode byte 0xf0 in position 1: invalid continuation byte",
		"\xc3\xc3":  "'utf-8' codec can't decode byte 0xc3 in position 0: invalid continuation byte",
	} {
		if _, err := drf.UTF8.DecodeStream([]byte(in)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", in, err, want)
		}
	}
	if _, err := drf.UTF16.DecodeStream([]byte("a\x00")); err == nil || err.Error() != "UTF-16 stream does not start with BOM" {
		t.Errorf("no byte order mark: got %v", err)
	}
}
