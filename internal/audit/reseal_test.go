package audit_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
)

func (m *memory) ResealAudit(_ context.Context, limit int, begin func(cut, head audit.Head) *audit.Resealing, record func(int64) audit.Entry) error {
	rows := slices.Clone(m.rows[m.cut.Link:m.head.Link])
	r := begin(m.cut, m.head)
	for at := 0; at < len(rows); at += limit {
		r.Add(rows[at:min(at+limit, len(rows))])
	}
	cut, head, n, err := r.Finish()
	if err != nil {
		return err
	}
	copy(m.rows[m.cut.Link:], rows)
	m.cut, m.head, m.recorded = cut, head, append(m.recorded, record(n))
	return nil
}

// trailOf returns a trail in m that is sealed with keys, the first of which is
// the present one.
func trailOf(m *memory, key string, older ...string) *audit.Trail {
	return audit.NewTrail(m, audit.NewChain(key, older...), slog.New(slog.DiscardHandler))
}

// What was sealed by two keys, and is cut, needs neither after it was sealed
// again.
func TestReseal_RetiresOlderKeys(t *testing.T) {
	t.Parallel()
	m := &memory{}
	m.add(700)
	if _, err := trailOf(m, "first").Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.add(900)
	second := trailOf(m, "second", "first")
	if _, err := second.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Prune(t.Context(), noon, m.rows[100].At, noRest); err != nil {
		t.Fatal(err)
	}
	m.add(1) // which Reseal seals first
	if n, err := trailOf(m, "third", "second", "first").Reseal(t.Context(), auditor); err != nil || n != 1501 {
		t.Fatalf("got %d, %v, want 1501 entries", n, err)
	}
	third := trailOf(m, "third")
	if found, err := third.Verify(t.Context(), auditor); err != nil || len(found.Problems) != 0 || found.Sealed != 1501 || found.Removed != 100 {
		t.Errorf("got %+v, %v", found, err)
	}
	if last := m.recorded[len(m.recorded)-1]; last.Action != audit.Update || last.Object.Name != "seals of 1501 entries" || last.Reason == "" {
		t.Errorf("recorded %+v", last)
	}
	m.add(1)
	if n, err := third.Seal(t.Context()); err != nil || n != 1 {
		t.Errorf("the next entry: got %d, %v", n, err)
	}
	if n, err := third.Prune(t.Context(), noon, m.rows[1200].At, noRest); err != nil || n != 1100 {
		t.Errorf("the next removal: got %d, %v", n, err)
	}
}

// The shortest chains are sealed again as well: none, one entry, and one that was cut
// after its first entry.
func TestReseal_Short(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ entries, cut int }{"none": {0, 0}, "one": {1, 0}, "two, one cut": {2, 1}} {
		m := &memory{}
		m.add(c.entries)
		old := trailOf(m, "old")
		if _, err := old.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		if c.cut > 0 {
			if _, err := old.Prune(t.Context(), noon, m.rows[c.cut].At, noRest); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := trailOf(m, "new", "old").Reseal(t.Context(), auditor); err != nil || n != int64(c.entries-c.cut) {
			t.Errorf("%s: got %d, %v", name, n, err)
		}
		if found, err := trailOf(m, "new").Verify(t.Context(), auditor); err != nil || len(found.Problems) > 0 || found.Removed != int64(c.cut) {
			t.Errorf("%s: got %+v, %v", name, found, err)
		}
	}
}

// A chain that was altered, or sealed with an unknown key, keeps its seals: new
// ones would hide that.
func TestReseal_RefusesWhatWasAltered(t *testing.T) {
	t.Parallel()
	for name, alter := range map[string]func(m *memory){
		"an entry":  func(m *memory) { m.rows[300].Actor = "eve" },
		"the last":  func(m *memory) { m.rows[599].Reason = "because" },
		"cut off":   func(m *memory) { m.rows = m.rows[:500]; m.head.Link = 500 },
		"the cut":   func(m *memory) { m.cut.Seal = m.rows[0].Seal },
		"not known": func(m *memory) { other := sealedBy(t, "other"); m.rows, m.head = other.rows, other.head },
	} {
		m := sealedBy(t, "old")
		alter(m)
		before, head := slices.Clone(m.rows), m.head
		n, err := trailOf(m, "new", "old").Reseal(t.Context(), auditor)
		if fault.KindOf(err) != fault.Unprocessable && !strings.Contains(err.Error(), "was altered") || n != 0 || len(m.recorded) != 0 || m.head != head {
			t.Errorf("%s: got %d, %v, want a refusal", name, n, err)
		}
		for i := range m.rows {
			if m.rows[i].Seal != before[i].Seal {
				t.Fatalf("%s: row %d has a new seal", name, i)
			}
		}
	}
	if _, err := trailOf(sealedBy(t, "old"), "new", "old").Reseal(t.Context(), access.AllowAny.Anonymous()); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("an anonymous actor: got %v", err)
	}
}

// sealedBy returns 600 entries that were sealed with a key.
func sealedBy(t *testing.T, key string) *memory {
	t.Helper()
	m := &memory{}
	m.add(600)
	if _, err := trailOf(m, key).Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m
}
