package finding_test

import (
	"encoding/json"
	"testing"

	"roster/internal/finding"
)

func TestList_Sort(t *testing.T) {
	t.Parallel()
	l := finding.List{
		{ID: "a", Severity: finding.Info},
		{ID: "b", Severity: finding.Error},
		{ID: "c", Severity: finding.Warning},
		{ID: "d", Severity: finding.Error},
	}
	l.Sort()
	got := ""
	for _, f := range l {
		got += f.ID
	}
	if got != "bdca" {
		t.Errorf("got the order %q, want bdca", got)
	}
	for severity, want := range map[finding.Severity]int{finding.Info: 1, finding.Warning: 1, finding.Error: 2} {
		if got := l.Count(severity); got != want {
			t.Errorf("%v: got %d, want %d", severity, got, want)
		}
	}
}

func TestList_JSON(t *testing.T) {
	t.Parallel()
	for want, l := range map[string]finding.List{
		"[]": nil,
		`[{"id":"a","severity":"warning","title":"T","detail":"","remedy":"","count":0,"examples":[]},` +
			`{"id":"b","severity":"error","title":"","detail":"","remedy":"","count":2,"examples":["1","2"]}]`: {
			{ID: "a", Severity: finding.Warning, Title: "T"},
			{ID: "b", Severity: finding.Error, Count: 2, Examples: []string{"1", "2"}},
		},
	} {
		got, err := json.Marshal(l)
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}
