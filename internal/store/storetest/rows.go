package storetest

import (
	"cmp"
	"errors"
	"slices"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/user"
)

func testMissing(t *testing.T, s user.Store) {
	u := insert(t, s, person(1))
	for _, id := range []int64{0, -1, u.ID + 1, 1<<63 - 1, -1 << 63} {
		_, err := s.FindUser(t.Context(), id)
		wantKind(t, err, fault.NotFound)
		err = s.InTx(t.Context(), func(tx user.Tx) error {
			_, err := tx.FindUser(id)
			return err
		})
		wantKind(t, err, fault.NotFound)
		gone := person(2)
		gone.ID = id
		err = s.InTx(t.Context(), func(tx user.Tx) error { _, err := tx.UpdateUser(gone, gone); return err })
		wantKind(t, err, fault.NotFound)
		err = s.InTx(t.Context(), func(tx user.Tx) error { return tx.DeleteUsers(user.Deletion{}, gone) })
		wantKind(t, err, fault.NotFound)
	}
	wantCounts(t, s, 1, 1)
}

func testRoundTrip(t *testing.T, s user.Store) {
	absent := person(1)
	absent.FirstName = form.Text{}
	empty := person(2)
	empty.FirstName, empty.LastName, empty.Phone, empty.Address = form.TextOf(""), form.TextOf(""), form.TextOf(""), form.TextOf("")
	full := person(3)
	full.Username, full.Email = "emoji😀 e\u0301 é", "bücher@例え.テスト"
	full.LastName, full.Phone = form.TextOf("Müller'; --"), form.TextOf("+1 555")
	full.Address = form.TextOf("0 High St\r\nFlat \"0\"\\n\t%_?")
	for _, u := range []user.User{absent, empty, full} {
		want := insert(t, s, u)
		if want.ID <= 0 {
			t.Errorf("got id %d, want a positive one", want.ID)
		}
		if got, err := s.FindUser(t.Context(), want.ID); err != nil || got != want {
			t.Errorf("FindUser: got %+v, %v; want %+v", got, err, want)
		}
		err := s.InTx(t.Context(), func(tx user.Tx) error {
			if got, err := tx.FindUser(want.ID); err != nil || got != want {
				t.Errorf("tx.FindUser: got %+v, %v; want %+v", got, err, want)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func testTimes(t *testing.T, s user.Store) {
	east := time.FixedZone("", 5*3600+1800)
	for i, at := range []time.Time{
		time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		time.Date(2026, 1, 2, 3, 4, 5, 1000, time.UTC),
		time.Date(2026, 12, 31, 23, 59, 59, 999999000, time.UTC),
		time.Date(2024, 2, 29, 0, 0, 0, 100000000, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 500000000, time.UTC),
		time.Date(2026, 1, 2, 1, 4, 5, 6000, east),
	} {
		u := person(i)
		u.CreatedAt, u.UpdatedAt = at, at.Add(time.Microsecond)
		u = insert(t, s, u)
		got, err := s.FindUser(t.Context(), u.ID)
		if err != nil || !got.CreatedAt.Equal(at) || !got.UpdatedAt.Equal(u.UpdatedAt) {
			t.Errorf("got %v and %v, %v; want %v and %v", got.CreatedAt, got.UpdatedAt, err, at, u.UpdatedAt)
		}
		if got.CreatedAt.Location() != time.UTC {
			t.Errorf("got a time in %v, want UTC", got.CreatedAt.Location())
		}
	}
}

func testDuplicate(t *testing.T, s user.Store) {
	first, second := insert(t, s, person(1)), insert(t, s, person(2))
	sameName, sameEmail := person(3), person(4)
	sameName.Username, sameEmail.Email = first.Username, first.Email
	for _, u := range []user.User{sameName, sameEmail} {
		err := s.InTx(t.Context(), func(tx user.Tx) error {
			_, err := tx.InsertUser(u)
			return err
		})
		wantKind(t, err, fault.Conflict)
		u.ID = second.ID
		err = s.InTx(t.Context(), func(tx user.Tx) error { _, err := tx.UpdateUser(second, u); return err })
		wantKind(t, err, fault.Conflict)
	}
	if got, err := s.FindUser(t.Context(), second.ID); err != nil || got != second {
		t.Errorf("got %+v, %v; want the row untouched: %+v", got, err, second)
	}
	wantCounts(t, s, 2, 2)
	for i, name := range []string{"USER1", "user1 ", "úser1"} { // exact: each is another name
		u := person(10 + i)
		u.Username = name
		insert(t, s, u)
	}
}

func testTaken(t *testing.T, s user.Store) {
	first, second := insert(t, s, person(1)), insert(t, s, person(2))
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		for _, c := range []struct {
			username, email   string
			except            int64
			wantName, wantAdr bool
		}{
			{first.Username, second.Email, 0, true, true},
			{first.Username, second.Email, first.ID, false, true},
			{first.Username, second.Email, second.ID, true, false},
			{first.Username, first.Email, first.ID, false, false},
			{first.Username, "", 0, true, false},
			{"", first.Email, 0, false, true},
			{"", "", 0, false, false},
			{"USER1", "absent@example.com", 0, false, false},
		} {
			name, adr, err := tx.TakenUser(c.username, c.email, c.except)
			if err != nil || name != c.wantName || adr != c.wantAdr {
				t.Errorf("TakenUser(%q, %q, %d): got %v %v %v, want %v %v", c.username, c.email, c.except, name, adr, err, c.wantName, c.wantAdr)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func testUpdateEveryField(t *testing.T, s user.Store) {
	before, other := insert(t, s, person(1)), insert(t, s, person(2))
	after := user.User{
		ID: before.ID, Username: "new", Email: "new@example.com",
		FirstName: form.Text{}, LastName: form.TextOf("L"), Phone: form.TextOf("P"), Address: form.TextOf(""),
		IsActive: false, CreatedAt: noon.Add(time.Hour), UpdatedAt: noon.Add(2 * time.Hour),
	}
	for range 2 { // the same again is no error
		if err := s.InTx(t.Context(), func(tx user.Tx) error { _, err := tx.UpdateUser(before, after); return err }); err != nil {
			t.Fatal(err)
		}
		before = after
	}
	if got, err := s.FindUser(t.Context(), after.ID); err != nil || got != after {
		t.Errorf("got %+v, %v; want %+v", got, err, after)
	}
	if got, err := s.FindUser(t.Context(), other.ID); err != nil || got != other {
		t.Errorf("got %+v, %v; want the other untouched: %+v", got, err, other)
	}
	wantCounts(t, s, 2, 1)
}

func testDeleteAndNeverReuse(t *testing.T, s user.Store) {
	insert(t, s, person(1))
	last := insert(t, s, person(2))
	remove := func(tx user.Tx) error { return tx.DeleteUsers(user.Deletion{}, last) }
	if err := s.InTx(t.Context(), remove); err != nil {
		t.Fatal(err)
	}
	wantKind(t, s.InTx(t.Context(), remove), fault.NotFound)
	if again := insert(t, s, person(2)); again.ID <= last.ID {
		t.Errorf("got id %d after %d was deleted, want a higher one", again.ID, last.ID)
	}
}

func testOrder(t *testing.T, s user.Store) {
	var want []int64
	for i, second := range []int{5, 1, 5, 3, 5, 1} {
		u := person(i)
		u.CreatedAt = noon.Add(time.Duration(second) * time.Second)
		want = append(want, insert(t, s, u).ID)
	}
	want = []int64{want[4], want[2], want[0], want[3], want[5], want[1]}
	if got := ids(list(t, s, 0, 10)); !slices.Equal(got, want) {
		t.Errorf("got %v, want newest first, then by id: %v", got, want)
	}
}

func testPages(t *testing.T, s user.Store) {
	users := insertMany(t, s, 1203)
	slices.Reverse(users)
	n := int64(len(users))
	for _, counted := range []bool{false, true} {
		if counted { // the stores may walk from the other end then
			wantCounts(t, s, n, n*2/3)
		}
		for _, offset := range []int64{0, 1, 9, 99, 100, 101, 599, 601, 602, 700, 1190, 1198, 1202, 1203, 1204, 1 << 40, 1<<63 - 1} {
			for _, limit := range []int{1, 10, 300} {
				start := min(offset, n)
				want := users[start:min(start+int64(limit), n)]
				if got := list(t, s, offset, limit); !slices.Equal(got, want) {
					t.Errorf("ListUsers(%d, %d), counted %v: got %v, want %v", offset, limit, counted, ids(got), ids(want))
				}
			}
		}
	}
}

// testTiedPages has many users made at the same few moments, of which some
// are whole seconds.
func testTiedPages(t *testing.T, s user.Store) {
	second := noon.Truncate(time.Second)
	moments := []time.Time{noon, second, second.Add(time.Microsecond), second.Add(time.Second)}
	users := make([]user.User, 500)
	for i := range users {
		users[i] = person(i)
		users[i].CreatedAt = moments[i%len(moments)]
	}
	insertAll(t, s, users)
	slices.SortFunc(users, func(a, b user.User) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID)) })
	for round := range 2 {
		for offset := range users {
			want := users[offset:min(offset+3, len(users))]
			if got := list(t, s, int64(offset), 3); !slices.Equal(got, want) {
				t.Errorf("round %d, offset %d: got %v, want %v", round, offset, ids(got), ids(want))
			}
		}
		if _, err := s.CountUsers(t.Context(), user.Query{}); err != nil { // the stores may walk from the other end then
			t.Error(err)
		}
	}
}

func testOddPages(t *testing.T, s user.Store) {
	if got := list(t, s, 0, 10); len(got) != 0 {
		t.Errorf("got %v of an empty store", got)
	}
	users := insertMany(t, s, 3)
	for _, limit := range []int{0, -1} {
		if got := list(t, s, 0, limit); len(got) != 0 {
			t.Errorf("limit %d: got %v, want none", limit, ids(got))
		}
	}
	if got := list(t, s, -5, 1); len(got) != 1 || got[0] != users[2] {
		t.Errorf("offset -5: got %v, want the newest", ids(got))
	}
	if got := list(t, s, 0, 1<<31-1); len(got) != 3 {
		t.Errorf("got %v, want all three", ids(got))
	}
}

func testCounts(t *testing.T, s user.Store) {
	wantCounts(t, s, 0, 0)
	users := insertMany(t, s, 9)
	wantCounts(t, s, 9, 6)
	flip := func(u user.User) func(user.Tx) error {
		after := u
		after.IsActive = !u.IsActive
		return func(tx user.Tx) error { _, err := tx.UpdateUser(u, after); return err }
	}
	steps := []struct {
		fn            func(user.Tx) error
		total, active int64
	}{
		{flip(users[0]), 9, 5},
		{flip(users[2]), 9, 6},
		{func(tx user.Tx) error { return tx.DeleteUsers(user.Deletion{}, users[1]) }, 8, 5},
		{func(tx user.Tx) error { return tx.DeleteUsers(user.Deletion{}, users[5]) }, 7, 5},
		{func(user.Tx) error { return nil }, 7, 5},
	}
	for _, step := range steps {
		if err := s.InTx(t.Context(), step.fn); err != nil {
			t.Fatal(err)
		}
		wantCounts(t, s, step.total, step.active)
	}
	undone := errors.New("undone")
	if err := s.InTx(t.Context(), func(tx user.Tx) error {
		return errors.Join(tx.DeleteUsers(user.Deletion{}, users[3]), undone)
	}); !errors.Is(err, undone) {
		t.Errorf("got %v, want the function's own error", err)
	}
	wantCounts(t, s, 7, 5)
}

func testVersion(t *testing.T, s user.Store) {
	first, ok := s.Version(t.Context())
	if again, _ := s.Version(t.Context()); again != first {
		t.Errorf("got %d after %d, want no change without a commit", again, first)
	}
	if !ok {
		return // this storage does not know
	}
	wantCounts(t, s, 0, 0)
	if again, _ := s.Version(t.Context()); again != first {
		t.Errorf("got %d after %d, want no change by counting", again, first)
	}
	insert(t, s, person(1))
	second, _ := s.Version(t.Context())
	if second == first {
		t.Errorf("got %d before and after a commit, want a change", first)
	}
}

func ids(users []user.User) []int64 {
	var ids []int64
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	return ids
}
