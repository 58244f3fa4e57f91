package storetest

import (
	"strings"
	"testing"
	"time"

	"roster/internal/user"
)

// second is when person n was created.
func second(n int) time.Time { return noon.Add(time.Duration(n) * time.Second) }

// testFilterCreated bounds the list by when users were created.
func testFilterCreated(t *testing.T, s user.Store) {
	insertMany(t, s, 9)
	for name, c := range map[string]struct {
		q     user.Query
		first string
		count int64
	}{
		"from":   {user.Query{From: second(4)}, "user9", 6},
		"before": {user.Query{Before: second(4)}, "user3", 3},
		"both":   {user.Query{From: second(4), Before: second(7)}, "user6", 3},
		"active": {user.Query{From: second(4), Before: second(7), IsActive: user.OnlyTrue}, "user5", 2},
		"word":   {user.Query{From: second(2), Search: "user1"}, "", 0},
		"order":  {user.Query{From: second(4), Order: "username"}, "user4", 6},
		"never":  {user.Query{From: second(7), Before: second(4)}, "", 0},
	} {
		if n, err := s.CountUsers(t.Context(), c.q); err != nil || n != c.count {
			t.Errorf("%s: counted %d, %v, want %d", name, n, err, c.count)
		}
		users, err := s.ListUsers(t.Context(), c.q, 0, 20)
		if err != nil || int64(len(users)) != c.count {
			t.Fatalf("%s: got %d users, %v, want %d", name, len(users), err, c.count)
		}
		if c.count > 0 && users[0].Username != c.first {
			t.Errorf("%s: got %s first, want %s", name, users[0].Username, c.first)
		}
	}
}

// testTally counts no more than asked for.
func testTally(t *testing.T, s user.Store) {
	if got, err := s.TallyUsers(t.Context(), user.Query{}, 5); err != nil || got != (user.Tally{}) {
		t.Errorf("nobody: got %+v, %v", got, err)
	}
	insertMany(t, s, 9) // three of them are not active
	for name, c := range map[string]struct {
		q    user.Query
		want user.Tally
	}{
		"all":              {user.Query{}, user.Tally{Active: 6, Inactive: 3}},
		"is_active is all": {user.Query{IsActive: user.OnlyTrue}, user.Tally{Active: 6, Inactive: 3}},
		"some":             {user.Query{From: second(3), Before: second(6)}, user.Tally{Active: 2, Inactive: 1}},
		"word":             {user.Query{Search: "user9"}, user.Tally{Inactive: 1}},
		"nothing":          {user.Query{Search: "nobody"}, user.Tally{}},
	} {
		if got, err := s.TallyUsers(t.Context(), c.q, 9); err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, c.want)
		}
	}
	for limit := int64(1); limit < 9; limit++ {
		got, err := s.TallyUsers(t.Context(), user.Query{}, limit)
		if err != nil || !got.More || got.Of(user.Either) != limit || got.Active < 0 || got.Inactive < 0 {
			t.Errorf("up to %d: got %+v, %v", limit, got, err)
		}
	}
}

// testCreatedSpan finds the ends of the list.
func testCreatedSpan(t *testing.T, s user.Store) {
	if first, last, err := s.CreatedSpan(t.Context()); err != nil || !first.IsZero() || !last.IsZero() {
		t.Errorf("nobody: got %v to %v, %v", first, last, err)
	}
	insertMany(t, s, 4)
	if first, last, err := s.CreatedSpan(t.Context()); err != nil || !first.Equal(second(1)) || !last.Equal(second(4)) {
		t.Errorf("got %v to %v, %v, want %v to %v", first, last, err, second(1), second(4))
	}
}

// testWalk goes through users by their ids.
func testWalk(t *testing.T, s user.Store) {
	users := insertMany(t, s, 9)
	ids := func(q user.Query, after, through int64, limit int) string {
		t.Helper()
		found, err := s.WalkUsers(t.Context(), q, after, through, limit)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for i := range found {
			names = append(names, strings.TrimPrefix(found[i].Username, "user"))
		}
		return strings.Join(names, " ")
	}
	last := users[8].ID
	for name, c := range map[string]struct{ got, want string }{
		"all":     {ids(user.Query{}, 0, last, 100), "1 2 3 4 5 6 7 8 9"},
		"some":    {ids(user.Query{Order: "-id"}, users[1].ID, users[6].ID, 3), "3 4 5"},
		"active":  {ids(user.Query{IsActive: user.OnlyTrue}, users[1].ID, last, 3), "4 5 7"},
		"word":    {ids(user.Query{Search: "user3"}, 0, last, 3), "3"},
		"created": {ids(user.Query{From: second(8)}, 0, last, 3), "8 9"},
		"nobody":  {ids(user.Query{}, last, last, 3), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", name, c.got, c.want)
		}
	}
}
