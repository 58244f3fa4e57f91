package sqlite_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"roster/internal/query"
	"roster/internal/store/sqlite"
	"roster/internal/user"
)

// Callers may vary their queries as they like: what is kept for them is bounded,
// and the statements that everybody uses go on working.
func TestStatements_Bounded(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	for i := range 5 {
		if err := insertOne(t, s, i); err != nil {
			t.Fatal(err)
		}
	}
	var fields []string
	for _, f := range user.Table() {
		fields = append(fields, f.Name, "-"+f.Name)
	}
	for i, first := range fields {
		for j, second := range fields {
			q := user.Query{Order: user.ParseOrder(first + "," + second), Search: strings.Repeat("e x ", j%2), IsActive: query.Choice(i % 2)}
			if users, err := s.ListUsers(t.Context(), q, 0, 10); err != nil || len(users) != 5 {
				t.Fatalf("%+v: got %d users, %v, want 5", q, len(users), err)
			}
			if users, err := s.ListUsers(t.Context(), user.Query{}, 0, 10); err != nil || len(users) != 5 {
				t.Fatalf("after %+v: got %d users, %v, want 5", q, len(users), err)
			}
		}
	}
	if each := sqlite.Statements(engineOf(t, s)); slices.Max(each) > 64 {
		t.Errorf("got %s statements kept, want at most 64 a connection", fmt.Sprint(each))
	}
}
