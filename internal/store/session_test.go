package store_test

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/store"
)

// session returns a session of an account, begun at that time.
func session(account int64, at time.Time) auth.Session {
	return auth.Session{
		Account: account, Mark: "mark", CreatedAt: at, SeenAt: at, EndsAt: at.Add(time.Hour), ConfirmedAt: at,
		Address: "2001:db8::1", UserAgent: "Браузер",
	}
}

func testSessions(t *testing.T, s *store.Store) {
	ann := addAccount(t, s, member("ann"))
	first, second := session(ann.ID, noon), session(ann.ID, noon.Add(time.Minute))
	second.NeedsCode = true
	inTx(t, s, func(tx auth.Tx) error {
		if err := tx.InsertSession("first", first); err != nil {
			return err
		}
		return tx.InsertSession("second", second)
	})
	in, err := s.FindSession(t.Context(), "first")
	first.ID = in.Session.ID
	if err != nil || in.Session != first || shownAs(in.Account) != shownAs(ann) || in.HasFactor {
		t.Errorf("got %+v, %v, want %+v", in, err, first)
	}
	_, err = s.FindSession(t.Context(), "FIRST")
	wantKind(t, err, fault.NotFound)
	if list, err := s.ListSessions(t.Context(), ann.ID, noon); err != nil || len(list) != 2 || list[1] != first {
		t.Errorf("got %+v, %v, want the second and the first", list, err)
	}
	for at, want := range map[time.Time]int64{noon: 2, first.EndsAt: 1, second.EndsAt: 0} {
		if n, err := s.CountSessions(t.Context(), at); err != nil || n != want {
			t.Errorf("at %v: got %d sessions, %v, want %d", at, n, err, want)
		}
	}
	if list, err := s.ListSessions(t.Context(), ann.ID, first.EndsAt); err != nil || len(list) != 1 {
		t.Errorf("when the first has ended: got %+v, %v", list, err)
	}
	first.SeenAt, first.EndsAt, first.ConfirmedAt, first.Mark = noon.Add(1e9), noon.Add(2e9), noon.Add(3e9), "other"
	inTx(t, s, func(tx auth.Tx) error {
		if err := tx.UpdateSession(first); err != nil {
			return err
		}
		if err := tx.Remark(ann.ID, "none", "x"); err != nil {
			return err
		}
		return tx.Remark(ann.ID, "mark", "other")
	})
	inTx(t, s, func(tx auth.Tx) error {
		if got, err := tx.FindSession("first"); err != nil || got != first {
			t.Errorf("updated: got %+v, %v, want %+v", got, err, first)
		}
		deleteSome(t, tx, first)
		return nil
	})
}

// deleteSome deletes sessions by all choices, of which there are kept and another.
func deleteSome(t *testing.T, tx auth.Tx, kept auth.Session) {
	for _, step := range []struct {
		which auth.SessionChoice
		want  int64
	}{{auth.SessionChoice{Only: 99}, 0}, {auth.SessionChoice{Except: kept.ID}, 1}, {auth.SessionChoice{Only: kept.ID}, 1}, {auth.SessionChoice{}, 0}} {
		if got, err := tx.DeleteSessions(kept.Account, step.which); err != nil || got != step.want {
			t.Errorf("%+v: got %d, %v, want %d", step.which, got, err, step.want)
		}
	}
}

// testBarred shows that sessions are found whose accounts may not log in.
func testBarred(t *testing.T, s *store.Store) {
	active, inactive, outsider := member("active"), member("inactive"), member("outsider")
	inactive.IsActive, outsider.IsStaff = false, false
	want := []int64{999}
	for _, a := range []auth.Account{active, inactive, outsider} {
		a = addAccount(t, s, a)
		inTx(t, s, func(tx auth.Tx) error { return tx.InsertSession(a.Username, session(a.ID, noon)) })
		if a.Username != "active" {
			want = append(want, a.ID)
		}
	}
	inTx(t, s, func(tx auth.Tx) error { return tx.InsertSession("gone", session(999, noon)) })
	got, err := s.BarredAccounts(t.Context())
	slices.Sort(got)
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func testFactors(t *testing.T, s *store.Store) {
	ann := addAccount(t, s, member("ann"))
	inTx(t, s, func(tx auth.Tx) error {
		_, err := tx.FindFactor(ann.ID)
		wantKind(t, err, fault.NotFound)
		return tx.InsertSession("x", session(ann.ID, noon))
	})
	want := auth.Factor{Key: strings.Repeat("_", 64)}
	for _, confirmed := range []bool{false, true} {
		want.Confirmed = confirmed
		inTx(t, s, func(tx auth.Tx) error { return tx.SaveFactor(ann.ID, want) })
		inTx(t, s, func(tx auth.Tx) error {
			got, err := tx.FindFactor(ann.ID)
			if err != nil || got.Key != want.Key || got.Confirmed != confirmed || got.LastUsed != want.LastUsed ||
				!slices.Equal(got.Recovery, want.Recovery) {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
			return nil
		})
		if in, err := s.FindSession(t.Context(), "x"); err != nil || in.HasFactor != confirmed {
			t.Errorf("got %v, %v, want a factor: %v", in.HasFactor, err, confirmed)
		}
		want.LastUsed, want.Recovery = 58_000_000, []string{"a", "b"}
	}
	inTx(t, s, func(tx auth.Tx) error {
		if err := tx.DeleteFactor(ann.ID); err != nil {
			return err
		}
		_, err := tx.FindFactor(ann.ID)
		wantKind(t, err, fault.NotFound)
		return nil
	})
}

// testFactorAccounts shows that the accounts with a factor are found, page by
// page.
func testFactorAccounts(t *testing.T, s *store.Store) {
	var want, got []int64
	for range 5 {
		a := addAccount(t, s, member("m"+strconv.Itoa(len(want))))
		want = append(want, a.ID)
		inTx(t, s, func(tx auth.Tx) error { return tx.SaveFactor(a.ID, auth.Factor{Key: "k"}) })
	}
	addAccount(t, s, member("without"))
	for after := int64(0); ; {
		page, err := s.FactorAccounts(t.Context(), after, 2)
		if err != nil || len(page) > 2 {
			t.Fatalf("got %v, %v", page, err)
		}
		if len(page) == 0 {
			break
		}
		got, after = append(got, page...), page[len(page)-1]
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// take counts uses and fails on an error.
func take(t *testing.T, c auth.Counters, now time.Time, uses ...auth.Use) time.Duration {
	t.Helper()
	wait, err := c.Take(t.Context(), now, uses...)
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

func testCounters(t *testing.T, s *store.Store) {
	narrow := auth.Use{Key: "narrow", Rate: auth.Rate{Limit: 2, Window: time.Minute}}
	wide := auth.Use{Key: "wide", Rate: auth.Rate{Limit: 3, Window: time.Hour}}
	for i, tt := range []struct {
		after time.Duration
		uses  []auth.Use
		want  time.Duration
	}{
		{0, []auth.Use{narrow, wide}, 0},
		{time.Second, []auth.Use{narrow, wide}, 0},
		{2 * time.Second, []auth.Use{narrow, wide}, 58 * time.Second},
		{3 * time.Second, []auth.Use{wide}, 0}, // what was refused did not count
		{4 * time.Second, []auth.Use{wide}, time.Hour - 4*time.Second},
		{time.Minute, []auth.Use{narrow}, 0}, // a new window
		{time.Minute, []auth.Use{wide, narrow}, 59 * time.Minute},
		{time.Hour, []auth.Use{wide, narrow}, 0},
	} {
		if got := take(t, s, noon.Add(tt.after), tt.uses...); got != tt.want {
			t.Errorf("step %d: got %v, want %v", i, got, tt.want)
		}
	}
	once := auth.Use{Key: "once", Rate: auth.Rate{Limit: 1, Window: time.Minute}}
	take(t, s, noon, once)
	for _, taken := range []time.Time{noon.Add(-1), noon} { // of a window before, and of this one
		if err := s.GiveBack(t.Context(), taken, once); err != nil {
			t.Fatal(err)
		}
		want := time.Duration(0)
		if taken.Before(noon) {
			want = time.Minute
		}
		if got := take(t, s, noon, once); got != want {
			t.Errorf("given back of %v: got %v, want %v", taken, got, want)
		}
	}
}

// testCountersRead shows that a counter is read and dropped, also one without an
// end in sight.
func testCountersRead(t *testing.T, s *store.Store) {
	use := auth.Use{Key: "failed:1", Rate: auth.Rate{Limit: 3, Window: 3660 * 24 * time.Hour}}
	take(t, s, noon, use)
	take(t, s, noon.Add(time.Hour), use)
	for at, want := range map[time.Time]int64{noon: 2, noon.Add(use.Rate.Window - time.Microsecond): 2, noon.Add(use.Rate.Window): 0} {
		if n, err := s.CountUses(t.Context(), use.Key, at); err != nil || n != want {
			t.Errorf("at %v: got %d uses, %v, want %d", at, n, err, want)
		}
	}
	for _, want := range []int64{2, 0} {
		inTx(t, s, func(tx auth.Tx) error {
			if n, err := tx.DropCounter(use.Key); err != nil || n != want {
				t.Errorf("dropped: got %d uses, %v, want %d", n, err, want)
			}
			return nil
		})
	}
	if n, err := s.CountUses(t.Context(), use.Key, noon); err != nil || n != 0 {
		t.Errorf("then: got %d uses, %v", n, err)
	}
	once := auth.Use{Key: "seen:1", Rate: auth.Rate{Limit: 1, Window: time.Hour}}
	for _, c := range []struct {
		at   time.Duration
		want bool
	}{{0, true}, {0, false}, {time.Hour - time.Microsecond, false}, {time.Hour, true}} {
		inTx(t, s, func(tx auth.Tx) error {
			if ok, err := tx.CountUse(noon.Add(c.at), once); err != nil || ok != c.want {
				t.Errorf("counted after %v: got %v, %v, want %v", c.at, ok, err, c.want)
			}
			return nil
		})
	}
	wide := use
	wide.Rate.Limit = 4
	for range 3 {
		take(t, s, noon, use)
	}
	if take(t, s, noon, use) == 0 || take(t, s, noon, wide) != 0 || take(t, s, noon, wide) == 0 {
		t.Error("two limits of one counter: want 3 uses by one and another by the other")
	}
}

// testCountersStorm shows that any number of tries at once get the limit.
func testCountersStorm(t *testing.T, s *store.Store) {
	use := auth.Use{Key: "account", Rate: auth.Rate{Limit: 10, Window: time.Minute}}
	var allowed atomic.Int64
	var calls sync.WaitGroup
	for i := range 100 {
		calls.Go(func() {
			other := auth.Use{Key: "address:" + strconv.Itoa(i%7), Rate: auth.Rate{Limit: 1000, Window: time.Minute}}
			wait, err := s.Take(t.Context(), noon, use, other)
			if err != nil {
				t.Error(err)
			}
			if wait == 0 {
				allowed.Add(1)
			}
		})
	}
	calls.Wait()
	if allowed.Load() != 10 {
		t.Errorf("%d allowed, want 10", allowed.Load())
	}
}
