package storetest

import (
	"context"
	"maps"
	"strconv"
	"testing"
	"time"

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
		counts, err := trail.CountAudit(t.Context(), c.f, 10)
		if err != nil || counts.Total != c.want || counts.After != 0 {
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
		if got, err := trail.CountAudit(t.Context(), audit.Filter{}, 6); err != nil || !maps.Equal(got.By[by], want) || got.After != 0 || !got.Since.IsZero() {
			t.Errorf("by %s: got %+v, %v, want %v", by, got, err, want)
		}
	}
	if got, err := trail.CountAudit(t.Context(), audit.Filter{}, 5); err != nil || got.Total != 5 || got.After != all[5].ID || !got.Since.Equal(all[5].At) {
		t.Errorf("the newest five: got %+v, %v", got, err)
	}
	chosen, err := trail.CountAudit(t.Context(), audit.Filter{Action: audit.Update, ObjectType: "user"}, 6)
	if err != nil || chosen.Total != 3 || !maps.Equal(chosen.By[audit.ByAction], map[string]int64{"update": 3}) ||
		!maps.Equal(chosen.By[audit.ByActor], map[string]int64{"system:test": 3}) {
		t.Errorf("with choices: got %+v, %v", chosen, err)
	}
}

// testSearchAudit finds an entry by each value that its page shows, and by
// nothing that only its storage has.
func testSearchAudit(t *testing.T, s user.Store) {
	trail := s.(audit.Store)
	actor := access.System("clerk").From(access.Origin{Address: "192.0.2.9", RequestID: "r-9", Door: access.API}).Because("moved")
	record(t, s, audit.NewEntry(noon, actor, audit.Update, audit.Object{Type: "user", ID: 4711, Name: "zoë"}, []audit.Change{
		{Field: "email", Old: "Old.Fritz@example.com", New: `a<b&"c"\d@example.com`}, {Field: "is_active", Old: true, New: nil},
	}))
	rows, err := trail.FilterAudit(t.Context(), audit.Filter{}, 0, 1)
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	for word, want := range map[string]int{
		"clerk": 1, "update": 1, "user": 1, "4711": 1, "ZOË": 1, "192.0.2.9": 1, "r-9": 1, "api": 1, "moved": 1, strconv.FormatInt(rows[0].ID, 10): 1,
		"email": 1, "old.fritz@EXAMPLE.com": 1, `a<b&"c"\d@`: 1, "<b": 1, "is_active": 1, "true": 1,
		"field": 0, `"new"`: 0, "u003c": 1, "absent": 0, "_pi": 0,
	} {
		found, err := trail.FilterAudit(t.Context(), audit.Filter{Words: []string{word}}, 0, 5)
		counts, failed := trail.CountAudit(t.Context(), audit.Filter{Words: []string{word}}, 5)
		if len(found) != want || counts.Total != int64(want) || err != nil || failed != nil {
			t.Errorf("%q: found %d, counted %d, %v, %v, want %d", word, len(found), counts.Total, err, failed, want)
		}
	}
}

// testOldestUnsealed shows how long entries have waited for a seal.
func testOldestUnsealed(t *testing.T, s user.Store) {
	want := func(want time.Time) {
		t.Helper()
		got, err := s.(interface {
			OldestUnsealed(ctx context.Context) (time.Time, error)
		}).OldestUnsealed(t.Context())
		if err != nil || !got.Equal(want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	want(time.Time{})
	record(t, s, deed(1))
	record(t, s, deed(2))
	want(deed(1).At)
	sealAll(t, s.(audit.Store))
	want(time.Time{})
	record(t, s, deed(3))
	want(deed(3).At)
}
