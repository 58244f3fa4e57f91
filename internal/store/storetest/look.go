package storetest

import (
	"strings"
	"testing"
	"time"

	"roster/internal/query"
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
		"active": {user.Query{From: second(4), Before: second(7), IsActive: query.OnlyTrue}, "user5", 2},
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

// testLook finds and counts at once, and counts no more than asked for.
func testLook(t *testing.T, s user.Store) {
	window := user.Window{Limit: 2, Count: 9}
	if got, users, err := s.LookUsers(t.Context(), user.Query{Search: "user"}, window); err != nil || got != (user.Counts{}) || len(users) != 0 {
		t.Errorf("unknown user: got %+v, %+v, %v", got, users, err)
	}
	insertMany(t, s, 9) // three of them are not active
	for name, c := range map[string]struct {
		q     user.Query
		w     user.Window
		want  user.Counts
		users string
	}{
		"all":         {user.Query{Search: "user"}, window, user.Counts{Active: 6, Inactive: 3}, "9 8"},
		"page":        {user.Query{Search: "user"}, user.Window{Offset: 4, Limit: 3, Count: 9}, user.Counts{Active: 6, Inactive: 3}, "5 4 3"},
		"end":         {user.Query{Search: "user"}, user.Window{Offset: 8, Limit: 3, Count: 9}, user.Counts{Active: 6, Inactive: 3}, "1"},
		"beyond":      {user.Query{Search: "user"}, user.Window{Offset: 9, Limit: 3, Count: 9}, user.Counts{Active: 6, Inactive: 3}, ""},
		"order":       {user.Query{Search: "user", Order: "username"}, window, user.Counts{Active: 6, Inactive: 3}, "1 2"},
		"inactive":    {user.Query{Search: "user", IsActive: query.OnlyFalse}, window, user.Counts{Active: 6, Inactive: 3}, "9 6"},
		"active":      {user.Query{Search: "user", IsActive: query.OnlyTrue}, window, user.Counts{Active: 6, Inactive: 3}, "8 7"},
		"dates":       {user.Query{From: second(3), Before: second(6)}, window, user.Counts{Active: 2, Inactive: 1}, "5 4"},
		"word":        {user.Query{Search: "user9"}, window, user.Counts{Inactive: 1}, "9"},
		"nothing":     {user.Query{Search: "absent"}, window, user.Counts{}, ""},
		"many":        {user.Query{Search: "user", Order: "id"}, user.Window{Offset: 1, Limit: 2, Count: 3}, user.Counts{Active: 2, Inactive: 1, More: true}, "2 3"},
		"many, rare":  {user.Query{Search: "user", IsActive: query.OnlyFalse}, user.Window{Limit: 2, Count: 2}, user.Counts{Active: 1, Inactive: 1, More: true}, "9 6"},
		"many, order": {user.Query{Search: "user", Order: "-updated_at"}, user.Window{Offset: 1, Limit: 2, Count: 2}, user.Counts{Active: 1, Inactive: 1, More: true}, "8 7"},
		"many, none":  {user.Query{Search: "user"}, user.Window{Offset: -1, Limit: -1, Count: 2}, user.Counts{Active: 1, Inactive: 1, More: true}, ""},
		"none":        {user.Query{Search: "user"}, user.Window{Offset: -1, Limit: -1, Count: 9}, user.Counts{Active: 6, Inactive: 3}, ""},
		"many, one":   {user.Query{Search: "user", Order: "-id", IsActive: query.OnlyFalse}, user.Window{Limit: 9, Count: 3}, user.Counts{Active: 2, Inactive: 1, More: true}, "9 6 3"},
	} {
		got, users, err := s.LookUsers(t.Context(), c.q, c.w)
		if c.want.More { // which of them are counted is not said
			got.Active, got.Inactive = got.Active+got.Inactive-1, 1
		}
		if err != nil || got != c.want || personsIn(users) != c.users {
			t.Errorf("%s: got %+v, %s, %v, want %+v, %s", name, got, personsIn(users), err, c.want, c.users)
		}
	}
}

// personsIn returns the numbers of persons.
func personsIn(users []user.User) string {
	var found []string
	for i := range users {
		found = append(found, strings.TrimPrefix(users[i].Username, "user"))
	}
	return strings.Join(found, " ")
}

// testCreatedSpan finds the ends of the list.
func testCreatedSpan(t *testing.T, s user.Store) {
	if first, last, err := s.CreatedSpan(t.Context()); err != nil || !first.IsZero() || !last.IsZero() {
		t.Errorf("unknown user: got %v to %v, %v", first, last, err)
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
		return personsIn(found)
	}
	last := users[8].ID
	for name, c := range map[string]struct{ got, want string }{
		"all":     {ids(user.Query{}, 0, last, 100), "1 2 3 4 5 6 7 8 9"},
		"some":    {ids(user.Query{Order: "-id"}, users[1].ID, users[6].ID, 3), "3 4 5"},
		"active":  {ids(user.Query{IsActive: query.OnlyTrue}, users[1].ID, last, 3), "4 5 7"},
		"word":    {ids(user.Query{Search: "user3"}, 0, last, 3), "3"},
		"created": {ids(user.Query{From: second(8)}, 0, last, 3), "8 9"},
		"no user": {ids(user.Query{}, last, last, 3), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", name, c.got, c.want)
		}
	}
}
