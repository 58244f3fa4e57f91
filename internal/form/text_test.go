package form_test

import (
	"testing"
	"unicode/utf8"

	"roster/internal/form"
)

func TestStrip(t *testing.T) {
	t.Parallel()
	const white = "\t\n\v\f\r\x1c\x1d\x1e\x1f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005" +
		"\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
	tests := []struct{ name, input, want string }{
		{"nothing", "", ""},
		{"only white space", white, ""},
		{"both ends", white + "a" + white + "b" + white, "a" + white + "b"},
		{"controls are kept", "\x00\x1b\x7f", "\x00\x1b\x7f"},
		{"zero width is kept", "\u200b\ufeff\u180e\u2060", "\u200b\ufeff\u180e\u2060"},
		{"surrogate form is kept", " \xed\xa0\x80 ", "\xed\xa0\x80"},
	}
	for _, tt := range tests {
		if got := form.Strip(tt.input); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestLower_AsPython(t *testing.T) {
	t.Parallel()
	for _, a := range readAnswers[string](t, "lower.jsonl") {
		if got := form.Lower(a.input); got != a.want {
			t.Errorf("Lower(%+q): got %+q, want %+q", a.input, got, a.want)
		}
	}
}

func TestLower_FinalSigma(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]string{
		"ΟΔΟΣ":         "οδος",
		"ΟΔΟΣ.ΟΔΟΣ":    "οδοσ.οδος", // a full stop may stand within a word
		"ΟΔΟΣ ΟΔΟΣ":    "οδος οδος",
		"Σ":            "σ",
		"AΣ\u0301":     "aς\u0301",
		"AΣ\u0301B":    "aσ\u0301b",
		"A\u00ADΣ":     "a\u00ADς",
		"İSTANBUL":     "i̇stanbul",
		"\u212AELVIN":  "kelvin",
		"plain ASCII!": "plain ascii!",
	} {
		if got := form.Lower(input); got != want {
			t.Errorf("Lower(%+q): got %+q, want %+q", input, got, want)
		}
	}
}

func FuzzLower(f *testing.F) {
	for _, seed := range []string{"", "ΑΣ", "İ", "ǅ", "ẞ", "\xed\xa0\x80", "ΣΣ'Σ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := form.Lower(s)
		if twice := form.Lower(once); twice != once {
			t.Errorf("Lower(%+q) = %+q, and of that %+q", s, once, twice)
		}
		if utf8.ValidString(s) && !utf8.ValidString(once) {
			t.Errorf("Lower(%+q) = %+q, which is not UTF-8", s, once)
		}
	})
}
