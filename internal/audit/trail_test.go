package audit_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
)

// memory is a store of rows, the first of which are sealed.
type memory struct {
	mu       sync.Mutex
	rows     []audit.Row
	head     audit.Head
	cut      audit.Head
	recorded []audit.Entry
	err      error
	within   int64 // of the last CountAudit
	endsLeft int   // reads of the ends until they fail; 0: they do not
}

func (m *memory) add(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for range n {
		m.rows = append(m.rows, row(len(m.rows)+1))
	}
}

func (m *memory) SealNext(_ context.Context, limit int, seal func(audit.Head, []audit.Row) (audit.Head, error)) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := m.rows[m.head.Link:]
	next = next[:min(limit, len(next))]
	head, err := seal(m.head, next)
	if err = errors.Join(m.err, err); err != nil {
		return 0, err
	}
	m.head = head
	return len(next), nil
}

func (m *memory) AuditEnds(context.Context) (cut, head audit.Head, err error) {
	if m.endsLeft--; m.endsLeft == 0 {
		return audit.Head{}, audit.Head{}, errors.New("the ends are away")
	}
	return m.cut, m.head, m.err
}

func (m *memory) CutAudit(_ context.Context, limit int, retire func(audit.Head, []audit.Row) (audit.Head, *audit.Entry, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	rows := m.rows[m.cut.Link:m.head.Link]
	cut, entry, err := retire(m.cut, rows[:min(limit, len(rows))])
	if err = errors.Join(m.err, err); err != nil {
		return err
	}
	if m.cut = cut; entry != nil {
		m.recorded = append(m.recorded, *entry)
	}
	return nil
}

func (m *memory) ListSealed(_ context.Context, after int64, limit int) ([]audit.Row, error) {
	rows := m.rows[max(after, m.cut.Link):m.head.Link]
	return rows[:min(limit, len(rows))], m.err
}

func (m *memory) ListAudit(_ context.Context, after int64, limit int) ([]audit.Row, error) {
	rows := m.rows[after/10:]
	return rows[:min(limit, len(rows))], m.err
}

func (m *memory) sealed() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.head.Link
}

func newTrail(m *memory) (*audit.Trail, *bytes.Buffer) {
	var log bytes.Buffer
	return audit.NewTrail(m, audit.NewChain("secret"), slog.New(slog.NewTextHandler(&log, nil))), &log
}

var auditor = access.System("auditor")

// A trail whose ends cannot be read, before or after the entries, is not sound.
func TestVerify_EndsFail(t *testing.T) {
	t.Parallel()
	m := &memory{}
	m.add(3)
	trail, _ := newTrail(m)
	if _, err := trail.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n, fails := range map[int]bool{1: true, 2: true, 3: false} {
		m.endsLeft = n
		if _, err := trail.Verify(t.Context(), auditor); fails != (err != nil) {
			t.Errorf("the %d. read fails: got %v", n, err)
		}
	}
}

func TestTrail_SealsAndVerifiesInBatches(t *testing.T) {
	t.Parallel()
	m := &memory{}
	trail, _ := newTrail(m)
	for _, n := range []int{0, 1, 499, 500, 501} {
		m.add(n)
		if got, err := trail.Seal(t.Context()); err != nil || got != n {
			t.Errorf("sealed %d, %v, want %d", got, err, n)
		}
	}
	found, err := trail.Verify(t.Context(), auditor)
	if err != nil || found.Sealed != 1501 || len(found.Problems) != 0 {
		t.Errorf("got %+v, %v, want 1501 and no problem", found, err)
	}
	m.rows[700].Reason = "forged"
	if found, err := trail.Verify(t.Context(), auditor); err != nil || len(found.Problems) != 1 {
		t.Errorf("got %+v, %v, want one problem", found, err)
	}
}

// noRest is the pause between transactions of a removal that needs none.
func noRest() error { return nil }

// The oldest are removed in batches, with an entry about each, up to the first
// that was altered.
func TestTrail_Prune(t *testing.T) {
	t.Parallel()
	m := &memory{}
	m.add(1501)
	trail, _ := newTrail(m)
	if _, err := trail.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	young := noon.Add(1201 * time.Second) // that of the row 1201
	if got, err := trail.Prune(t.Context(), young.Add(time.Hour), young, noRest); err != nil || got != 1200 {
		t.Errorf("removed %d, %v, want 1200", got, err)
	}
	for i, want := range []struct{ upTo, removed int64 }{{500, 500}, {1000, 500}, {1200, 200}} {
		if len(m.recorded) != 3 || m.recorded[i].Object.ID != want.upTo || m.recorded[i].Changes[0].Old != want.removed || m.recorded[i].Reason == "" {
			t.Fatalf("recorded %+v, want an entry about each transaction", m.recorded)
		}
	}
	found, err := trail.Verify(t.Context(), auditor)
	want := "The audit trail is sound: 301 sealed entries; 1200 older ones were removed after AUDIT_KEEP_DAYS."
	if err != nil || found.String() != want || len(found.Problems) != 0 {
		t.Errorf("got %q, %v, %v, want %q", found, found.Problems, err, want)
	}
	m.rows[1300].Actor = "eve"
	if got, err := trail.Prune(t.Context(), young.Add(time.Hour), young.Add(time.Hour), noRest); err == nil || got != 0 || m.cut.Link != 1200 {
		t.Errorf("an altered entry: removed %d, %v; the cut is at %d", got, err, m.cut.Link)
	}
}

func TestTrail_Each(t *testing.T) {
	t.Parallel()
	m := &memory{}
	m.add(1100)
	trail, _ := newTrail(m)
	seen := int64(0)
	err := trail.Each(t.Context(), auditor, func(r *audit.Row) error {
		if seen += 10; r.ID != seen {
			t.Errorf("got %d, want %d", r.ID, seen)
		}
		return nil
	})
	if err != nil || seen != 11000 {
		t.Errorf("stopped at %d, %v", seen, err)
	}
	enough := errors.New("enough")
	if err := trail.Each(t.Context(), auditor, func(*audit.Row) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v, want the function's own error", err)
	}
}

func TestTrail_Permission(t *testing.T) {
	t.Parallel()
	trail, _ := newTrail(&memory{})
	if _, err := trail.Verify(t.Context(), access.AllowAny.Anonymous()); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("Verify: got %v, want a refusal", err)
	}
	err := trail.Each(t.Context(), access.AllowAny.Anonymous(), func(*audit.Row) error { return nil })
	if fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("Each: got %v, want a refusal", err)
	}
}

func TestSealer_SealsEverySecondAndAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		trail, _ := newTrail(m)
		sealer := audit.StartSealer(trail)
		m.add(2)
		time.Sleep(1100 * time.Millisecond)
		if got := m.sealed(); got != 2 {
			t.Errorf("after a second: got %d sealed, want 2", got)
		}
		m.add(1)
		sealer.Stop()
		if got := m.sealed(); got != 3 {
			t.Errorf("after the end: got %d sealed, want 3", got)
		}
		sealer.Stop()
	})
}

// Old entries go in small transactions with rests, and stay from the moment
// that rest ends it.
func TestPrune_RestsBetweenTransactions(t *testing.T) {
	t.Parallel()
	m := &memory{}
	trail, _ := newTrail(m)
	m.add(1700)
	if _, err := trail.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	now, enough, rests := noon.Add(24*time.Hour), errors.New("enough"), 0
	rest := func() error {
		if rests++; rests == 2 {
			return enough
		}
		return nil
	}
	if n, err := trail.Prune(t.Context(), now, now, rest); n != 1000 || !errors.Is(err, enough) || m.cut.Link != 1000 {
		t.Errorf("got %d, %v, want two transactions and the reason to end", n, err)
	}
	if n, err := trail.Prune(t.Context(), now, now, rest); n != 700 || err != nil || m.cut.Link != 1700 || rests != 3 {
		t.Errorf("got %d, %v after %d rests, want the others", n, err, rests)
	}
}

// A failure is logged once, until it changes.
func TestSealer_LogsAFailureOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &memory{err: errors.New("no disk")}
		trail, log := newTrail(m)
		sealer := audit.StartSealer(trail)
		time.Sleep(10 * time.Second)
		m.mu.Lock()
		m.err = nil
		m.mu.Unlock()
		m.add(1)
		time.Sleep(2 * time.Second)
		sealer.Stop()
		if got := strings.Count(log.String(), "no disk"); got != 1 || m.sealed() != 1 {
			t.Errorf("logged %d times, want once; %d sealed after it", got, m.sealed())
		}
	})
}
