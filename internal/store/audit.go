package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"time"

	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/query"
	"roster/internal/store/sqldb"
	"roster/internal/task"
)

const (
	insertEntry = "INSERT INTO roster_audit_entries (created_at, actor_id, actor, action, object_type, object_id, object_name," +
		" changes, address, request_id, reason, door, credential) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

	selectEntries = "SELECT id, CAST(created_at AS CHAR), actor_id, actor, action, object_type, object_id, object_name," +
		" changes, address, request_id, reason, link, seal, door, credential FROM roster_audit_entries"
	selectUnsealed = selectEntries + " WHERE link IS NULL ORDER BY id LIMIT ?"
	selectSealed   = selectEntries + " WHERE link > ? ORDER BY link LIMIT ?"
	selectAfter    = selectEntries + " WHERE id > ? ORDER BY id LIMIT ?"

	anyUnsealed = "SELECT EXISTS (SELECT 1 FROM roster_audit_entries WHERE link IS NULL)"
	updateSeal  = "UPDATE roster_audit_entries SET link = ?, seal = ? WHERE id = ?"
	selectEnd   = "SELECT link, seal, proof FROM roster_audit_head WHERE id = ?"
	updateEnd   = "UPDATE roster_audit_head SET link = ?, seal = ?, proof = ? WHERE id = ?"
	deleteCut   = "DELETE FROM roster_audit_entries WHERE link > ? AND link <= ?"
)

// The rows of roster_audit_head.
const (
	headRow = int64(1)
	cutRow  = int64(2)
)

// Record implements audit.Recorder. It truncates long names and reasons, and
// also writes changes by staff accounts to Django's admin log.
func (t *tx) Record(e audit.Entry) error {
	changes, err := audit.MarshalChanges(e.Changes)
	if err != nil {
		return err
	}
	err = exec(t, insertEntry, sqldb.FormatTime(e.At), e.ActorID, cut(e.Actor, maxName), string(e.Action),
		e.Object.Type, e.Object.ID, cut(e.Object.Name, maxName), changes,
		e.Origin.Address, e.Origin.RequestID, cut(e.Reason, maxReason), string(e.Origin.Door), cut(e.Credential, maxName))
	if err != nil {
		return err
	}
	if err := logAsDjango(t, e); err != nil || t.onRecord == nil {
		return err
	}
	tasks, err := t.onRecord(t, e)
	for _, n := range tasks {
		if _, err := t.Enqueue(n); err != nil {
			return err
		}
	}
	return err
}

// OnRecord makes each entry store the tasks that caused returns for it, in the same
// transaction. Call it before the store is used concurrently.
func (s *Store) OnRecord(caused func(auth.Tx, audit.Entry) ([]task.New, error)) { s.onRecord = caused }

// SealNext implements audit.Store.
func (s *Store) SealNext(ctx context.Context, limit int, seal func(audit.Head, []audit.Row) (audit.Head, error)) (n int, err error) {
	if found, err := s.anyUnsealed(ctx); err != nil || !found {
		return 0, err
	}
	err = s.db.Write(ctx, func(t sqldb.Tx) error {
		head, err := findEnd(t, selectEnd+s.forUpdate, headRow)
		if err != nil {
			return err
		}
		rows, err := all(t, scanEntry, selectUnsealed, int64(limit))
		if err != nil {
			return err
		}
		n = len(rows)
		if head, err = seal(head, rows); err != nil {
			return err
		}
		return storeSeals(t, head, rows)
	})
	return n, err
}

// ResealAudit implements audit.Store.
func (s *Store) ResealAudit(ctx context.Context, limit int, begin func(cut, head audit.Head) *audit.Resealing, record func(rows int64) audit.Entry) error {
	return s.write(ctx, func(t *tx) error {
		cut, err := findEnd(t, selectEnd+s.forUpdate, cutRow)
		if err != nil {
			return err
		}
		head, err := findEnd(t, selectEnd+s.forUpdate, headRow)
		if err != nil {
			return err
		}
		r := begin(cut, head)
		if err := reseal(t, limit, r); err != nil {
			return err
		}
		cut, head, rows, err := r.Finish()
		if err != nil {
			return err
		}
		return sqldb.FirstError(storeEnd(t, cutRow, cut), storeEnd(t, headRow, head), t.Record(record(rows)))
	})
}

// reseal stores the new seals of all sealed rows.
func reseal(t *tx, limit int, r *audit.Resealing) error {
	for after := int64(math.MinInt64); ; {
		rows, err := all(t, scanEntry, selectSealed, after, int64(limit))
		if err != nil || len(rows) == 0 {
			return err
		}
		r.Add(rows)
		for i := range rows {
			if err := exec(t, updateSeal, rows[i].Link, rows[i].Seal, rows[i].ID); err != nil {
				return err
			}
		}
		after = rows[len(rows)-1].Link
	}
}

// OldestUnsealed returns when the oldest entry without a seal was made; zero if
// all are sealed.
func (s *Store) OldestUnsealed(ctx context.Context) (at time.Time, err error) {
	return read(ctx, s, "find the oldest unsealed entry", func(c sqldb.Conn) (time.Time, error) {
		return timeFrom(c, "SELECT CAST(created_at AS CHAR) FROM roster_audit_entries WHERE link IS NULL ORDER BY id LIMIT 1")
	})
}

// anyUnsealed checks before anything is locked.
func (s *Store) anyUnsealed(ctx context.Context) (bool, error) {
	return read(ctx, s, "look for audit entries", func(c sqldb.Conn) (bool, error) { return exists(c, anyUnsealed) })
}

func storeSeals(t sqldb.Tx, head audit.Head, rows []audit.Row) error {
	for i := range rows {
		if err := exec(t, updateSeal, rows[i].Link, rows[i].Seal, rows[i].ID); err != nil {
			return err
		}
	}
	return storeEnd(t, headRow, head)
}

func storeEnd(t sqldb.Tx, row int64, end audit.Head) error {
	return exec(t, updateEnd, end.Link, end.Seal, end.Proof, row)
}

// AuditEnds implements audit.Store. It reads the cut first, so that the cut is
// never newer than the head unless the chain was tampered with.
func (s *Store) AuditEnds(ctx context.Context) (cut, head audit.Head, err error) {
	err = s.db.Read(query.Fresh(ctx), "read the ends of the audit chain", func(c sqldb.Conn) error {
		if cut, err = findEnd(c, selectEnd, cutRow); err != nil {
			return err
		}
		head, err = findEnd(c, selectEnd, headRow)
		return err
	})
	return cut, head, err
}

// CutAudit implements audit.Store.
func (s *Store) CutAudit(ctx context.Context, limit int, retire func(audit.Head, []audit.Row) (audit.Head, *audit.Entry, error)) error {
	return s.write(ctx, func(t *tx) error {
		cut, err := findEnd(t, selectEnd+s.forUpdate, cutRow)
		if err != nil {
			return err
		}
		rows, err := all(t, scanEntry, selectSealed, int64(math.MinInt64), int64(limit))
		if err != nil {
			return err
		}
		after, entry, err := retire(cut, rows)
		if err != nil {
			return err
		}
		if err := moveCut(t, cut, after); err != nil || entry == nil {
			return err
		}
		return t.Record(*entry)
	})
}

// moveCut deletes the rows between the cut and the new one, and stores that.
func moveCut(t sqldb.Tx, cut, after audit.Head) error {
	if after == cut {
		return nil
	}
	if err := exec(t, deleteCut, cut.Link, after.Link); err != nil {
		return err
	}
	return storeEnd(t, cutRow, after)
}

// ListSealed implements audit.Store.
func (s *Store) ListSealed(ctx context.Context, after int64, limit int) ([]audit.Row, error) {
	return s.listAudit(ctx, selectSealed, after, limit)
}

// ListAudit implements audit.Store.
func (s *Store) ListAudit(ctx context.Context, after int64, limit int) ([]audit.Row, error) {
	return s.listAudit(ctx, selectAfter, after, limit)
}

func (s *Store) listAudit(ctx context.Context, query string, after int64, limit int) ([]audit.Row, error) {
	return read(ctx, s, "list audit entries", func(c sqldb.Conn) ([]audit.Row, error) {
		return all(c, lenient(s.unreadable, "roster_audit_entries", scanEntry), query, after, int64(limit))
	})
}

// findEnd returns an end of the chain, by its row.
func findEnd(c sqldb.Conn, query string, end int64) (head audit.Head, err error) {
	head, err = one(c, func(row []driver.Value) (h audit.Head, err error) {
		err = sqldb.Scan(row, &h.Link, &h.Seal, &h.Proof)
		return h, err
	}, query, end)
	if errors.Is(err, errNotFound) {
		err = fault.Wrap(fault.Internal, "The database failed.", fmt.Errorf("roster_audit_head has no row %d", end))
	}
	return head, err
}

// scanEntry reads a row of selectEntries.
func scanEntry(row []driver.Value) (r audit.Row, err error) {
	err = sqldb.Scan(row, &r.ID, &r.At, &r.ActorID, &r.Actor, &r.Action, &r.Object.Type, &r.Object.ID, &r.Object.Name,
		&r.ChangesText, &r.Origin.Address, &r.Origin.RequestID, &r.Reason, &r.Link, &r.Seal, &r.Origin.Door, &r.Credential)
	changes, changesErr := audit.UnmarshalChanges(r.ChangesText)
	if changesErr == nil { // else it was altered, which Verify reports
		r.Changes = changes
	}
	return r, err
}
