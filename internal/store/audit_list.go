package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"roster/internal/audit"
	"roster/internal/store/sqldb"
)

const (
	newestEntries = " ORDER BY id DESC LIMIT ? OFFSET ?"

	// The last of the rows is one more than is counted, which tells of the rest.
	selectAuditTally = "SELECT value, COUNT(*) FROM (SELECT %s AS value FROM roster_audit_entries%s ORDER BY id DESC LIMIT ?) AS found GROUP BY value"
)

// FilterAudit implements audit.Store.
func (s *Store) FilterAudit(ctx context.Context, f audit.Filter, offset int64, limit int) (rows []audit.Row, err error) {
	where, args := s.auditFilter(f)
	err = s.scan(ctx, "filter audit entries", func(c sqldb.Conn) error {
		rows, err = selectRows(c, selectEntries+where+newestEntries, append(args, int64(limit), offset)...)
		return err
	})
	return rows, err
}

// TallyAudit implements audit.Store.
func (s *Store) TallyAudit(ctx context.Context, f audit.Filter, by audit.Field, limit int64) (t audit.Tally, err error) {
	where, args := s.auditFilter(f)
	query := fmt.Sprintf(selectAuditTally, auditColumn(by), where)
	err = s.scan(ctx, "tally audit entries", func(c sqldb.Conn) error {
		t = audit.Tally{Count: map[string]int64{}}
		return c.Query(query, func(row []driver.Value) error {
			n := integerOf(row[1])
			t.Count[sqldb.TextOf(row[0]).String] = n
			t.Total += n
			return nil
		}, append(args, limit+1)...)
	})
	if t.Total > limit {
		t.Total, t.More = limit, true
	}
	return t, err
}

// auditColumn returns the column of a field. No other text gets into a statement.
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

// auditFilter returns the WHERE clause of a filter, "" for none, and its arguments.
func (d *dialect) auditFilter(f audit.Filter) (where string, args []driver.Value) {
	var conditions []string
	add := func(given bool, condition string, value driver.Value) {
		if given {
			conditions, args = append(conditions, condition), append(args, value)
		}
	}
	add(f.ObjectType != "", "object_type = ?", f.ObjectType)
	add(f.ObjectID != 0, "object_id = ?", f.ObjectID)
	add(f.ActorID != 0, "actor_id = ?", f.ActorID)
	add(f.Actor != "", "actor = ?", f.Actor)
	add(f.Action != "", "action = ?", string(f.Action))
	add(f.Door != "", "door = ?", string(f.Door))
	add(!f.From.IsZero(), "created_at >= ?", sqldb.FormatTime(f.From))
	add(!f.Before.IsZero(), "created_at < ?", sqldb.FormatTime(f.Before))
	add(f.After > 0, "id > ?", f.After)
	for _, word := range f.Words {
		add(true, d.hasWord(d.joined("actor", "object_name", "address", "request_id", "reason")), d.pattern(word))
	}
	if len(conditions) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(conditions, " AND "), args
}

// joined returns the texts of columns, each on a line of its own.
func (d *dialect) joined(columns ...string) string {
	for i, column := range columns {
		columns[i] = d.text(column)
	}
	return strings.Join(columns, " || '\n' || ")
}
