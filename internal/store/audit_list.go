package store

import (
	"context"

	"roster/internal/audit"
	"roster/internal/store/sqldb"
)

// FilterAudit implements audit.Store.
func (s *Store) FilterAudit(ctx context.Context, f audit.Filter, offset int64, limit int) (rows []audit.Row, err error) {
	w := s.auditFilter(f)
	err = s.scan(ctx, "filter audit entries", func(c sqldb.Conn) error {
		rows, err = all(c, lenient(s.unreadable, "roster_audit_entries", scanEntry), selectEntries+w.String()+newestByID, w.with(int64(limit), offset)...)
		return err
	})
	return rows, err
}

// CountAuditBy implements audit.Store.
func (s *Store) CountAuditBy(ctx context.Context, f audit.Filter, by audit.Field, limit int64) (counts audit.Counts, err error) {
	w := s.auditFilter(f)
	err = s.scan(ctx, "count audit entries by a field", func(c sqldb.Conn) error {
		counts, err = countNewest(c, "roster_audit_entries", auditColumn(by), w, limit)
		return err
	})
	return counts, err
}

// auditColumn returns the column of a field, so that no other text gets into a
// statement.
func auditColumn(by audit.Field) string {
	switch by {
	case audit.ByActor:
		return "actor"
	case audit.ByObjectType:
		return "object_type"
	case audit.ByDoor:
		return "door"
	case audit.ByAction:
	}
	return "action"
}

// auditFilter returns the condition of a filter.
func (d *dialect) auditFilter(f audit.Filter) (w where) {
	w.addText("object_type", f.ObjectType)
	w.addIf(f.ObjectID != 0, "object_id = ?", f.ObjectID)
	w.addIf(f.ActorID != 0, "actor_id = ?", f.ActorID)
	w.addText("actor", f.Actor)
	w.addText("action", string(f.Action))
	w.addText("door", string(f.Door))
	w.addSpan("created_at", f.From, f.Before)
	w.addIf(f.After > 0, "id > ?", f.After)
	d.addWords(&w, f.Words, "actor", "object_name", "address", "request_id", "reason")
	return w
}
