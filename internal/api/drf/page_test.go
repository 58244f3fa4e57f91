package drf_test

import (
	"testing"

	"roster/internal/api/drf"
)

func TestParsePage(t *testing.T) {
	t.Parallel()
	type page struct {
		number   int64
		last, ok bool
	}
	for raw, want := range map[string]page{
		"":                     {1, false, true},
		"1":                    {1, false, true},
		" 2 ":                  {2, false, true},
		"+2":                   {2, false, true},
		"0_2":                  {2, false, true},
		"٢":                    {2, false, true},
		"999":                  {999, false, true},
		"last":                 {0, true, true},
		"LAST":                 {},
		"first":                {},
		"0":                    {},
		"-1":                   {-1, false, false},
		"1.0":                  {},
		"99999999999999999999": {9223372036854775807, false, false},
	} {
		number, last, ok := drf.ParsePage(raw, true)
		if got := (page{number, last, ok}); got != want {
			t.Errorf("ParsePage(%q): got %+v, want %+v", raw, got, want)
		}
	}
	if number, last, ok := drf.ParsePage("", false); number != 1 || last || !ok {
		t.Errorf("absent: got %d, %v, %v, want page 1", number, last, ok)
	}
}

func TestPageOf(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"page=2":            "2",
		"page=1&page=2":     "2",
		"page=2&page":       "",
		"a=1&page=%202+":    " 2 ",
		"p%61ge=3":          "3",
		"page=%zz%4":        "%zz%4",
		"page=%FF":          "\uFFFD",
		"page=%E2%82x":      "\uFFFDx",
		"page=\xe9":         "é",
		"page=é":            "é",
		"page=%C3é":         "\uFFFDé",
		"page=a=b":          "a=b",
		"page=2#&page=3":    "2",
		"&&page=2&":         "2",
		"page=2;page=3":     "2;page=3",
		"page=%F0%9F%98%80": "😀",
	} {
		got, present := drf.PageOf(query)
		if got != want || !present {
			t.Errorf("PageOf(%q): got %q, %v, want %q", query, got, present, want)
		}
	}
	for _, query := range []string{"", "a=1", "Page=1", "&", "=page", "#page=2", "page%=1"} {
		if got, present := drf.PageOf(query); got != "" || present {
			t.Errorf("PageOf(%q): got %q, %v, want none", query, got, present)
		}
	}
}

func TestFormatOf(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"": "", "format": "", "format=json": "json", "format=json&format=api": "api", "page=2&format=%6Ason": "json",
	} {
		if got := drf.FormatOf(query); got != want {
			t.Errorf("FormatOf(%q): got %q, want %q", query, got, want)
		}
	}
}

func TestPageOf_NoQueryAllocatesNothing(t *testing.T) { //nolint:paralleltest // allocations are counted process-wide
	for _, query := range []string{"", "page=2", "a=1&page=2&format=json"} {
		got := testing.AllocsPerRun(100, func() {
			_, _ = drf.PageOf(query)
			_ = drf.FormatOf(query)
		})
		if got != 0 {
			t.Errorf("%q: got %v allocations, want none", query, got)
		}
	}
}
