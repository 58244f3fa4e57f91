package audit_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
)

// smuggled has one more row, with a link of its own.
type smuggled struct {
	*memory
	row audit.Row
}

func (s *smuggled) ListSealed(ctx context.Context, after int64, limit int) ([]audit.Row, error) {
	rows, err := s.memory.ListSealed(ctx, after, limit)
	if after < s.row.Link && s.row.Link < 1 {
		rows = append([]audit.Row{s.row}, rows...)
	}
	return rows, err
}

// Rows whose links are below those of the chain are found, although no link leads to
// them.
func TestVerify_LinksBelowTheChain(t *testing.T) {
	t.Parallel()
	for _, link := range []int64{-1 << 62, -1, 0} {
		m := &memory{}
		m.add(3)
		s := &smuggled{memory: m, row: row(9)}
		s.row.Link = link
		trail := audit.NewTrail(s, audit.NewChain("secret"), slog.New(slog.DiscardHandler))
		if _, err := trail.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		found, err := trail.Verify(t.Context(), auditor)
		if err != nil || len(found.Problems) != 1 || !strings.Contains(found.Problems[0], "before the beginning of the chain") || found.Sealed != 3 {
			t.Errorf("link %d: got %+v, %v", link, found, err)
		}
	}
}

// moving has another cut each time that the ends are read.
type moving struct {
	*memory
	reads int
	until int // reads from which the cut stays
}

func (m *moving) AuditEnds(ctx context.Context) (cut, head audit.Head, err error) {
	m.reads++
	cut, head, err = m.memory.AuditEnds(ctx)
	cut.Link += int64(min(m.reads, m.until))
	return cut, head, err
}

// A chain whose beginning is deleted meanwhile is read again, at most five times.
func TestVerify_DeletedMeanwhile(t *testing.T) {
	t.Parallel()
	for until, want := range map[int]int{0: 2, 1: 2, 2: 4, 3: 4, 8: 10, 9: 10, 10: 10, 99: 10} {
		m := &moving{memory: &memory{}, until: until}
		trail := audit.NewTrail(m, audit.NewChain("secret"), slog.New(slog.DiscardHandler))
		if _, err := trail.Verify(t.Context(), auditor); err != nil || m.reads != want {
			t.Errorf("the cut moves %d times: got %v after %d reads of the ends, want %d", until, err, m.reads, want)
		}
	}
}

// Who may not view the trail neither reads nor seals it, and learns nothing of it.
func TestTrail_ChecksTheActor(t *testing.T) {
	t.Parallel()
	m := &memory{}
	m.add(3)
	trail, _ := newTrail(m)
	viewer := access.NewActor(access.Account{ID: 5, Permissions: []access.Permission{viewThing}})
	report, verify := trail.Verify(t.Context(), viewer)
	seen := 0
	each := trail.Each(t.Context(), viewer, func(*audit.Row) error { seen++; return nil })
	resealed, reseal := trail.Reseal(t.Context(), viewer)
	for name, err := range map[string]error{"Verify": verify, "Each": each, "Reseal": reseal} {
		if fault.KindOf(err) != fault.Denied {
			t.Errorf("%s: got %v, want Denied", name, err)
		}
	}
	if report.Sealed != 0 || seen != 0 || resealed != 0 || m.sealed() != 0 {
		t.Errorf("got %+v, %d entries, %d resealed and %d sealed", report, seen, resealed, m.sealed())
	}
}

// A text is escaped as within the changes that are stored, so that a search finds it.
func TestEscapeChange(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "ann", `a"b\c`, "<b>&", "a\nb\u2028", "Zoë 😀", "\xff"} {
		stored, err := audit.MarshalChanges([]audit.Change{{Field: "name", New: text}})
		if got := audit.EscapeChange(text); err != nil || !strings.HasSuffix(stored, `"new":"`+got+`"}]`) {
			t.Errorf("%q: got %q, %v, want what is in %s", text, got, err, stored)
		}
	}
}
