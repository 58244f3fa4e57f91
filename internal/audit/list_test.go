package audit_test

import (
	"context"
	"errors"
	"testing"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
)

// FilterAudit knows objects, actors and After alone.
func (m *memory) FilterAudit(_ context.Context, f audit.Filter, offset int64, limit int) (found []audit.Row, err error) {
	for i := len(m.rows) - 1; i >= 0; i-- {
		r := m.rows[i]
		wanted := f.ObjectType == "" || r.Object.Type == f.ObjectType && r.Object.ID == f.ObjectID
		if wanted && (f.ActorID == 0 || r.ActorID == f.ActorID) && r.ID > f.After {
			found = append(found, r)
		}
	}
	found = found[min(offset, int64(len(found))):]
	return found[:min(limit, len(found))], m.err
}

func (m *memory) CountAudit(_ context.Context, _ audit.Filter, within int64) (audit.Counts, error) {
	m.within = within
	return audit.Counts{Total: int64(len(m.rows))}, m.err
}

// permissions of the tests.
const viewThing access.Permission = "things.view_thing"

func TestList_ChecksTheActor(t *testing.T) {
	t.Parallel()
	m := &memory{}
	m.add(3)
	trail, _ := newTrail(m)
	viewer := access.NewActor(access.Account{ID: 5, Permissions: []access.Permission{viewThing}})
	_, list := trail.List(t.Context(), viewer, audit.Filter{}, 0, 5)
	_, counts := trail.Count(t.Context(), viewer, audit.Filter{})
	_, find := trail.Find(t.Context(), viewer, m.rows[0].ID)
	_, history := trail.History(t.Context(), viewer, "things.view_other", m.rows[0].Object, 5)
	for name, err := range map[string]error{"List": list, "Count": counts, "Find": find, "History": history} {
		if fault.KindOf(err) != fault.Denied {
			t.Errorf("%s: got %v, want Denied", name, err)
		}
	}
	if rows, err := trail.History(t.Context(), viewer, viewThing, m.rows[0].Object, 5); err != nil || len(rows) == 0 {
		t.Errorf("History of what one may view: got %d, %v", len(rows), err)
	}
	if rows, err := trail.History(t.Context(), auditor, viewThing, m.rows[0].Object, 5); err != nil || len(rows) == 0 {
		t.Errorf("History for an auditor: got %d, %v", len(rows), err)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	m := &memory{}
	m.add(3)
	trail, _ := newTrail(m)
	if r, err := trail.Find(t.Context(), auditor, m.rows[1].ID); err != nil || r.ID != m.rows[1].ID {
		t.Errorf("got %+v, %v", r, err)
	}
	for _, id := range []int64{m.rows[1].ID + 1, m.rows[2].ID + 1} {
		if _, err := trail.Find(t.Context(), auditor, id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("id %d: got %v, want NotFound", id, err)
		}
	}
}

func TestRecent(t *testing.T) {
	t.Parallel()
	m := &memory{}
	trail, _ := newTrail(m)
	me := access.NewActor(access.Account{ID: 5})
	if rows, err := trail.Recent(t.Context(), me, 5); err != nil || len(rows) != 0 {
		t.Errorf("an empty trail: got %d, %v", len(rows), err)
	}
	m.add(4)
	m.rows[0].ActorID, m.rows[2].ActorID = 5, 5
	if rows, err := trail.Recent(t.Context(), me, 5); err != nil || len(rows) != 2 || rows[0].ID != m.rows[2].ID {
		t.Errorf("got %+v, %v, want two, the newest first", rows, err)
	}
	if rows, err := trail.Recent(t.Context(), auditor, 5); err != nil || len(rows) != 0 {
		t.Errorf("who has no account: got %d, %v", len(rows), err)
	}
	m.err = errors.New("broken")
	if _, err := trail.Recent(t.Context(), me, 5); !errors.Is(err, m.err) {
		t.Errorf("got %v, want the failure", err)
	}
}

// The newest 100,000 entries are counted, and the newest 20,000 are examined for those
// of an account.
func TestList_Limits(t *testing.T) {
	t.Parallel()
	m := &memory{}
	trail, _ := newTrail(m)
	m.add(4)
	if _, err := trail.Count(t.Context(), auditor, audit.Filter{}); err != nil || m.within != 100_000 {
		t.Errorf("got %d, %v", m.within, err)
	}
	for i, id := range []int64{99, 100, 101, 20_100} {
		m.rows[i].ID, m.rows[i].ActorID = id, 5
	}
	rows, err := trail.Recent(t.Context(), access.NewActor(access.Account{ID: 5}), 5)
	if err != nil || len(rows) != 2 || rows[0].ID != 20_100 || rows[1].ID != 101 {
		t.Errorf("got %+v, %v, want the entries after 100", rows, err)
	}
}
