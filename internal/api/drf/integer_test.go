package drf_test

import (
	"math"
	"strings"
	"testing"

	"roster/internal/api/drf"
)

func TestParseInt(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int64{
		"0": 0, "-0": 0, "1": 1, "01": 1, "+1": 1, "-1": -1, " 2 ": 2, "1\n": 1, "\t\v\f\r1": 1,
		"1_0": 10, "1_2_3": 123, "٢": 2, "１２": 12, "١_٢": 12, "1۲": 12, "𝟘𝟡𝟿": 99,
		"\u00a01\u2028": 1, "\u00851": 1, strings.Repeat("0", 4300): 0,
		"9223372036854775807": math.MaxInt64, "-9223372036854775808": math.MinInt64,
	} {
		n, ok, overflow := drf.ParseInt(s)
		if n != want || !ok || overflow {
			t.Errorf("ParseInt(%q): got %d, %v, %v, want %d", s, n, ok, overflow, want)
		}
	}
}

func TestParseInt_NoNumber(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", " ", "+", "-", "--1", "+ 1", "_1", "1_", "1__0", "+_1", "1.0", "1e0", "0x1", "abc", "1 2", "²", "½",
		"1\x00", "\x1c1", "\x7f1", "\u200b1", "\ufeff1", "\xff", "1\xff", strings.Repeat("0", 4301), strings.Repeat("9", 4301),
	} {
		n, ok, overflow := drf.ParseInt(s)
		if n != 0 || ok || overflow {
			t.Errorf("ParseInt(%q): got %d, %v, %v, want no number", s, n, ok, overflow)
		}
	}
}

func TestParseInt_Overflow(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int64{
		"9223372036854775808":     math.MaxInt64,
		"18446744073709551615":    math.MaxInt64,
		"18446744073709551616":    math.MaxInt64,
		"184467440737095516160":   math.MaxInt64,
		"-9223372036854775809":    math.MinInt64,
		"-99999999999999999999":   math.MinInt64,
		strings.Repeat("9", 4300): math.MaxInt64,
	} {
		n, ok, overflow := drf.ParseInt(s)
		if n != want || ok || !overflow {
			t.Errorf("ParseInt(%.30q): got %d, %v, %v, want overflow with %d", s, n, ok, overflow, want)
		}
	}
}
