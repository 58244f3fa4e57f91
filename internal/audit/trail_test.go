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
	mu   sync.Mutex
	rows []audit.Row
	head audit.Head
	err  error
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

func (m *memory) AuditHead(context.Context) (audit.Head, error) { return m.head, m.err }

func (m *memory) ListSealed(_ context.Context, after int64, limit int) ([]audit.Row, error) {
	rows := m.rows[after:m.head.Link]
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
	links, problems, err := trail.Verify(t.Context(), auditor)
	if err != nil || links != 1501 || len(problems) != 0 {
		t.Errorf("got %d links, %v, %v, want 1501 and no problem", links, problems, err)
	}
	m.rows[700].Reason = "forged"
	if _, problems, err := trail.Verify(t.Context(), auditor); err != nil || len(problems) != 1 {
		t.Errorf("got %v, %v, want one problem", problems, err)
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
	if _, _, err := trail.Verify(t.Context(), access.AllowAny.Anonymous()); fault.KindOf(err) != fault.Unauthenticated {
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

// A failure is told once, until it is another one.
func TestSealer_TellsAFailureOnce(t *testing.T) {
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
			t.Errorf("told %d times, want once; %d sealed after it", got, m.sealed())
		}
	})
}
