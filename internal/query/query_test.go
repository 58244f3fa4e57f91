package query_test

import (
	"testing"

	"roster/internal/fault"
	"roster/internal/query"
)

func TestNewPage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		number, total, size int64
		want                query.Page
		kind                fault.Kind
	}{
		{1, 0, 10, query.Page{Number: 1, Pages: 1}, 0},
		{query.LastPage, 0, 10, query.Page{Number: 1, Pages: 1}, 0},
		{2, 10, 10, query.Page{}, fault.NotFound},
		{2, 11, 10, query.Page{Number: 2, Pages: 2, Total: 11}, 0},
		{query.LastPage, 21, 10, query.Page{Number: 3, Pages: 3, Total: 21}, 0},
		{0, 21, 10, query.Page{}, fault.NotFound},
		{-2, 21, 10, query.Page{}, fault.NotFound},
	} {
		got, err := query.NewPage(c.number, c.total, c.size)
		if got != c.want || fault.KindOf(err) != c.kind {
			t.Errorf("NewPage(%d, %d, %d): got %+v, %v, want %+v", c.number, c.total, c.size, got, err, c.want)
		}
	}
}

func TestParseChoice(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]query.Choice{
		"": query.Either, "true": query.OnlyTrue, "TRUE": query.OnlyTrue, "1": query.OnlyTrue, "False": query.OnlyFalse, "0": query.OnlyFalse,
	} {
		if got, messages := query.ParseChoice(text); got != want || messages != nil {
			t.Errorf("%q: got %v, %q, want %v", text, got, messages, want)
		}
	}
	for _, text := range []string{"yes", "on", " true", "2"} {
		if _, messages := query.ParseChoice(text); len(messages) != 1 {
			t.Errorf("%q: got %q, want one message", text, messages)
		}
	}
}
