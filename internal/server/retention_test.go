package server_test

import (
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/store/storetest"
)

// TestRetention_ListsEveryTable shows that docs/retention.md has each table that
// Roster stores rows in, on each engine, and no other.
func TestRetention_ListsEveryTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/retention.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*?) \\|").FindAllStringSubmatch(string(text), -1) {
		for _, name := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(row[1], -1) {
			listed = append(listed, name[1])
		}
	}
	slices.Sort(listed)
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			rows, err := open(t).Snapshot(t.Context(), io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(slices.Sorted(maps.Keys(rows)), listed); diff != "" {
				t.Errorf("docs/retention.md (-tables +listed)\n%s", diff)
			}
		})
	}
}
