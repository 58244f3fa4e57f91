package idna_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"roster/internal/form/idna"
)

func TestToASCII_AsPython(t *testing.T) {
	t.Parallel()
	for _, a := range readAnswers(t) {
		got, ok := idna.ToASCII(a.input)
		switch {
		case ok != (a.want != nil):
			t.Errorf("ToASCII(%+q): got %q %v, want an answer: %v", a.input, got, ok, a.want != nil)
		case ok && got != *a.want:
			t.Errorf("ToASCII(%+q): got %q, want %q", a.input, got, *a.want)
		}
	}
}

// answer is a domain and what CPython 3.11 makes of it, nil for a refusal.
type answer struct {
	input string
	want  *string
}

// readAnswers reads lines such as ["input", "answer"].
func readAnswers(t *testing.T) (answers []answer) {
	t.Helper()
	file, err := os.ReadFile("testdata/idna.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(file) {
		var a answer
		if err := json.Unmarshal(line, &[2]any{&a.input, &a.want}); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		answers = append(answers, a)
	}
	return answers
}

func TestToASCII(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, domain, want string // no want: refused
	}{
		{"umlaut", "bücher.example", "xn--bcher-kva.example"},
		{"sharp s is mapped", "straße.de", "strasse.de"},
		{"ideographic full stop", "example。com", "example.com"},
		{"full width", "ＥＸＡＭＰＬＥ.com", "example.com"},
		{"zero width space is dropped", "example.com\u200b", "example.com"},
		{"ASCII labels keep their case", "Bücher.COM", "xn--bcher-kva.COM"},
		{"a dot that normalisation makes parts no labels", "a\u2024é.com", "xn--a.-cja.com"},
		{"not decomposed in Unicode 3.2", "\U0001F130.com", "xn--617h.com"},
		{"normalised otherwise in Unicode 3.2", "\U0002F868.com", "xn--j74i.com"},
		{"Cherokee is lower-cased", "\u13a0.com", "xn--kz9a.com"},
		{"right to left", "أهلا.example", "xn--igbi0gl.example"},
		{"right to left, digit at the end", "أ1.example", ""},
		{"both directions", "أaأ.example", ""},
		{"label only pretends to be encoded", "xn--ü.example", ""},
		{"empty label", "ü..example", ""},
		{"dot at the end", "ü.example.", ""},
		{"nothing left of a label", "\u00ad.example", ""},
		{"private use", "a\ue000.example", ""},
		{"no character", "a\ufdd0.example", ""},
		{"last of a plane", "a\U0002FFFE.example", ""},
		{"line separator", "a\u2028.example", ""},
		{"lone surrogate", "a\xed\xa0\x80.example", ""},
		{"label of 63", strings.Repeat("a", 55) + "é.example", "xn--" + strings.Repeat("a", 55) + "-u3e.example"},
		{"label of 64", strings.Repeat("a", 56) + "é.example", ""},
	}
	for _, tt := range tests {
		got, ok := idna.ToASCII(tt.domain)
		if ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%s: ToASCII(%+q): got %q %v, want %q", tt.name, tt.domain, got, ok, tt.want)
		}
	}
}

// The samples are those of RFC 3492, section 7.1, in lower case where it matters.
func TestPunycode_RFC3492(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]string{
		"他们为什么不说中文":                                "ihqwcrb4cv8a8dqg056pqjye",
		"他們爲什麽不說中文":                                "ihqwctvzc91f659drss3x8bo0yb",
		"Pročprostěnemluvíčesky":                   "Proprostnemluvesky-uyb24dma41a",
		"почемужеонинеговорятпорусски":             "b1abfaaepdrnnbgefbadotcwatmq2g4l",
		"PorquénopuedensimplementehablarenEspañol": "PorqunopuedensimplementehablarenEspaol-fmd56a",
		"3年B組金八先生":                                 "3B-ww4c5e180e575a65lsy2b",
		"-> $1.00 <-":                              "-> $1.00 <--",
		"MajiでKoiする5秒前":                            "MajiKoi5-783gue6qz075azm5e",
	} {
		if got := idna.Punycode([]rune(label)); got != want {
			t.Errorf("Punycode(%q): got %q, want %q", label, got, want)
		}
	}
}

func FuzzToASCII(f *testing.F) {
	for _, seed := range []string{"bücher.example", "a\u2024é", "أهلا", "xn--ü", "\xed\xa0\x80", "e" + strings.Repeat("\u0301", 40)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, domain string) {
		if len(domain) > 1000 {
			return // longer than any address
		}
		ascii, ok := idna.ToASCII(domain)
		if !ok {
			return
		}
		if strings.ContainsFunc(ascii, func(r rune) bool { return r >= 0x80 }) {
			t.Errorf("ToASCII(%+q) = %+q, which is not ASCII", domain, ascii)
		}
		labels := 1
		for _, dot := range []string{".", "\u3002", "\uFF0E", "\uFF61"} {
			labels += strings.Count(domain, dot)
		}
		if len(ascii) > labels*64-1 {
			t.Errorf("ToASCII(%+q) = %q: longer than %d labels of 63", domain, ascii, labels)
		}
	})
}
