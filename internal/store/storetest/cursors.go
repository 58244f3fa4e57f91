package storetest

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/query"
	"roster/internal/user"
)

// testCursors reads lists forward and back from cursor to cursor: each user is there
// once, in the order of the list.
func testCursors(t *testing.T, s user.Store) {
	random := rand.New(rand.NewPCG(11, 12))
	users := make([]user.User, 60)
	for i := range users {
		users[i] = person(i)
		users[i].Username = fmt.Sprintf("%s%d", []string{"é", "a", "B", "z"}[random.IntN(4)], i)
		users[i].CreatedAt = noon.Add(time.Duration(random.IntN(20)) * time.Second) // many are tied
		users[i].UpdatedAt = noon.Add(time.Duration(random.IntN(3)) * time.Second)
	}
	users[40].Email = "" // which another program has stored
	insertAll(t, s, users)
	list := user.NewUsers(s, time.Now, slog.New(slog.DiscardHandler))
	for _, order := range []string{"", "created_at", "id", "-id", "username", "-username", "email", "-email", "updated_at", "-updated_at"} {
		for _, q := range []user.Query{{}, {IsActive: query.OnlyTrue}, {Search: "user1"}, {Filter: `email co "2"`}} {
			q.Order = order
			want, err := s.ListUsers(t.Context(), q, 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, size := range []int{1, 7, len(want), 100} {
				walker{list, q, size}.wants(t, ids(want))
			}
		}
	}
}

// walker reads a list in slices of a size.
type walker struct {
	*user.Users

	q    user.Query
	size int
}

// wants reads the list to its end, and back from there.
func (w walker) wants(t *testing.T, want []int64) {
	t.Helper()
	forward, last := w.walk(t, query.Cursor{}, false)
	if !slices.Equal(forward, want) {
		t.Errorf("%+v: got %v, want %v", w, forward, want)
	}
	if last.Previous == (query.Cursor{}) {
		return
	}
	back, first := w.walk(t, last.Previous, true)
	if got := append(back, ids(last.Users)...); !slices.Equal(got, want) || first.Previous != (query.Cursor{}) {
		t.Errorf("%+v, back: got %v and %v before them, want %v", w, got, first.Previous, want)
	}
}

// walk reads slices from a cursor to the end of the list, or to its start, and
// returns the ids in the order of the list, and the last slice.
func (w walker) walk(t *testing.T, at query.Cursor, back bool) (all []int64, last user.Slice) {
	t.Helper()
	for {
		slice, err := w.Slice(t.Context(), access.System("test"), w.q, at, w.size)
		if err != nil || len(slice.Users) > w.size {
			t.Fatalf("%+v: got %d users, %v", w, len(slice.Users), err)
		}
		if at = slice.Next; back {
			all, at = append(ids(slice.Users), all...), slice.Previous
		} else {
			all = append(all, ids(slice.Users)...)
		}
		if at == (query.Cursor{}) {
			return all, slice
		}
	}
}

// testCursorsStable adds and deletes users while a list is read: those that were
// there all the time are read once.
func testCursorsStable(t *testing.T, s user.Store) {
	users := insertMany(t, s, 30)
	list := user.NewUsers(s, time.Now, slog.New(slog.DiscardHandler))
	var got []int64
	var at query.Cursor
	for n := 0; ; n++ {
		slice, err := list.Slice(t.Context(), access.System("test"), user.Query{}, at, 4)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, ids(slice.Users)...)
		if at = slice.Next; at == (query.Cursor{}) {
			break
		}
		insert(t, s, person(100+n)) // is the newest
		if err := s.InTx(t.Context(), func(tx user.Tx) error { return tx.DeleteUsers(user.Deletion{}, slice.Users[len(slice.Users)-1]) }); err != nil {
			t.Fatal(err) // the cursor points at it
		}
	}
	want := ids(users)
	slices.Reverse(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
