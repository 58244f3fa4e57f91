package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"time"

	"roster/internal/audit"
	"roster/internal/form"
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

// auditFacets are the fields that entries are counted by, with their columns.
var auditFacets = []audit.Field{audit.ByAction, audit.ByObjectType, audit.ByDoor, audit.ByActor}

const countAudit = "SELECT action, object_type, door, actor, COUNT(*) FROM roster_audit_entries%s GROUP BY action, object_type, door, actor"

// CountAudit implements audit.Store.
func (s *Store) CountAudit(ctx context.Context, f audit.Filter, within int64) (counts audit.Counts, err error) {
	err = s.scan(ctx, "count audit entries", func(c sqldb.Conn) error {
		counts = audit.Counts{By: map[audit.Field]map[string]int64{}}
		if counts.After, counts.Since, err = newestBut(c, "roster_audit_entries", f.From, f.Before, within); err != nil {
			return err
		}
		whole := f // fn may run again
		whole.Action, whole.ObjectType, whole.Door, whole.Actor, whole.After = "", "", "", "", max(f.After, counts.After)
		w := s.auditFilter(whole)
		rows, err := all(c, scanGroup, fmt.Sprintf(countAudit, w), w.args...)
		by, fit := facets(rows, []string{string(f.Action), f.ObjectType, string(f.Door), f.Actor})
		for i, field := range auditFacets {
			counts.By[field] = by[i]
		}
		for _, r := range fit {
			counts.Total += r.n
		}
		return err
	})
	return counts, err
}

// scanGroup reads a row of countAudit.
func scanGroup(row []driver.Value) (facetRow, error) {
	r := facetRow{values: make([]string, len(auditFacets))}
	err := sqldb.Scan(row, &r.values[0], &r.values[1], &r.values[2], &r.values[3], &r.n)
	return r, err
}

// newestBut returns the id and creation of the newest row between from and
// before that has as many newer ones as within; 0 if there is none.
func newestBut(c sqldb.Conn, table string, from, before time.Time, within int64) (id int64, at time.Time, err error) {
	var w where
	w.addSpan("created_at", from, before)
	err = c.Query("SELECT id, CAST(created_at AS CHAR) FROM "+table+w.String()+" ORDER BY id DESC LIMIT 1 OFFSET ?", func(row []driver.Value) error {
		return sqldb.Scan(row, &id, &at)
	}, w.with(within)...)
	return id, at, err
}

// changeNames are the names of the fields of a change in JSON, which are not values
// of an entry, and changedValues is the column changes without them.
const changeNames = `"field":"old":"new":`

const changedValues = `REPLACE(REPLACE(REPLACE(changes, '"field":', ''), '"old":', ''), '"new":', '')`

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
	w.addIf(f.Below > 0, "id < ?", f.Below)
	for _, word := range f.Words {
		changes := "changes"
		if strings.Contains(changeNames, form.Lower(word)) { // rare, and slow
			changes = changedValues
		}
		d.addWord(&w, word, audit.EscapeChange(word), append(slices.Clip(searchedEntry), changes))
	}
	return w
}

// searchedEntry are the columns of an entry that a search looks at, besides its
// changes.
var searchedEntry = []string{"actor", "object_name", "address", "request_id", "reason", "action", "object_type", "object_id", "id", "door", "credential"}

// addWord requires a word to occur in one of the columns, or, as it is escaped
// in JSON, in the last of them.
func (d *dialect) addWord(w *where, word, escaped string, columns []string) {
	texts := make([]string, len(columns))
	for i, column := range columns {
		texts[i] = d.text(column)
	}
	text := d.hasWord(d.lines(texts))
	if escaped == word {
		w.add(text, d.pattern(word, anchors{}))
		return
	}
	w.add("("+text+" OR "+d.hasWord(texts[len(texts)-1])+")", d.pattern(word, anchors{}), d.pattern(escaped, anchors{}))
}
