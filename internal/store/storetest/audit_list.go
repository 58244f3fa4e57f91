package storetest

import (
	"maps"
	"testing"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/user"
)

// testFilterAudit finds entries by each part of a filter.
func testFilterAudit(t *testing.T, s user.Store) {
	trail := s.(audit.Store)
	ada := access.NewActor(access.Account{ID: 7, Username: "Ada"}).From(access.Origin{Address: "192.0.2.1", RequestID: "r-7"})
	for n := range 6 {
		e := deed(n) // an update by system:test
		if n%2 == 0 {
			e = audit.NewEntry(e.At, ada, audit.Delete, audit.Object{Type: "group", ID: int64(n), Name: "Zoë 100%"}, nil)
		}
		record(t, s, e)
	}
	for name, c := range map[string]struct {
		f    audit.Filter
		want int64
	}{
		"all":               {audit.Filter{}, 6},
		"type":              {audit.Filter{ObjectType: "group"}, 3},
		"object":            {audit.Filter{ObjectType: "group", ObjectID: 2}, 1},
		"actor's id":        {audit.Filter{ActorID: 7}, 3},
		"actor's name":      {audit.Filter{Actor: "Ada"}, 3},
		"action":            {audit.Filter{Action: audit.Update}, 3},
		"action and object": {audit.Filter{Action: audit.Update, ObjectType: "group"}, 0},
		"from":              {audit.Filter{From: second(4)}, 2},
		"before":            {audit.Filter{Before: second(4)}, 4},
		"word":              {audit.Filter{Words: []string{"ZOË"}}, 3},
		"words":             {audit.Filter{Words: []string{"ada", "0%"}}, 3},
		"address":           {audit.Filter{Words: []string{"2001:db8"}}, 3},
		"request id":        {audit.Filter{Words: []string{"r-7"}}, 3},
		"nothing":           {audit.Filter{Words: []string{"absent"}}, 0},
	} {
		rows, err := trail.FilterAudit(t.Context(), c.f, 0, 10)
		if err != nil || int64(len(rows)) != c.want {
			t.Errorf("%s: got %d entries, %v, want %d", name, len(rows), err, c.want)
		}
		counts, err := trail.CountAuditBy(t.Context(), c.f, audit.ByAction, 10)
		if err != nil || counts.Total != c.want || counts.More {
			t.Errorf("%s: counted %+v, %v, want %d", name, counts, err, c.want)
		}
	}
	testFilterAuditPages(t, trail)
}

func testFilterAuditPages(t *testing.T, trail audit.Store) {
	t.Helper()
	all, err := trail.FilterAudit(t.Context(), audit.Filter{}, 0, 10)
	if err != nil || all[0].ID < all[5].ID {
		t.Fatalf("got %+v, %v, want the newest first", all, err)
	}
	page, err := trail.FilterAudit(t.Context(), audit.Filter{}, 2, 3)
	if err != nil || len(page) != 3 || page[0].ID != all[2].ID {
		t.Errorf("got %+v, %v, want three after two", page, err)
	}
	if later, err := trail.FilterAudit(t.Context(), audit.Filter{After: all[2].ID}, 0, 10); err != nil || len(later) != 2 {
		t.Errorf("after the third: got %d, %v, want 2", len(later), err)
	}
	for by, want := range map[audit.Field]map[string]int64{
		audit.ByActor:      {"Ada": 3, "system:test": 3},
		audit.ByAction:     {"delete": 3, "update": 3},
		audit.ByObjectType: {"group": 3, "user": 3},
	} {
		if got, err := trail.CountAuditBy(t.Context(), audit.Filter{}, by, 6); err != nil || !maps.Equal(got.Count, want) || got.More {
			t.Errorf("by %s: got %+v, %v, want %v", by, got, err, want)
		}
	}
	if got, err := trail.CountAuditBy(t.Context(), audit.Filter{}, audit.ByAction, 5); err != nil || got.Total != 5 || !got.More {
		t.Errorf("up to five: got %+v, %v", got, err)
	}
}
