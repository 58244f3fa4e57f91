package audit

import (
	"context"
	"time"

	"roster/internal/access"
)

// Filter selects entries. The zero Filter selects all.
type Filter struct {
	ObjectType string
	ObjectID   int64
	ActorID    int64
	Actor      string // exact name
	Action     Action
	Door       access.Door
	// From and Before bound the time: at or after From, before Before.
	From, Before time.Time
	Words        []string // each must occur in a value of the entry: see FilterAudit
	After        int64    // only ids greater than this
	Below        int64    // only ids less than this; 0 means no bound
}

// Field is a field by which entries can be counted.
type Field string

// The fields.
const (
	ByActor      Field = "actor"
	ByAction     Field = "action"
	ByObjectType Field = "object_type"
	ByDoor       Field = "door"
)

// Counts are the numbers of entries that match a filter.
type Counts struct {
	Total int64
	// By has the number of entries by value of a field, if the field itself
	// were not filtered.
	By map[Field]map[string]int64
	// After is the id and Since the time of the last older entry, which was not
	// counted; zero if all were.
	After int64
	Since time.Time
}

// CountWithin is the number of newest entries that are counted and searched, so
// that this takes no longer as the trail grows.
const CountWithin = 100_000

// recentWithin is the number of newest entries that Recent examines.
const recentWithin = 20_000

// List returns up to limit entries that match f, newest first, after skipping
// offset.
func (t *Trail) List(ctx context.Context, actor access.Actor, f Filter, offset int64, limit int) ([]Row, error) {
	if err := actor.Check(access.ViewAudit); err != nil {
		return nil, err
	}
	return t.store.FilterAudit(ctx, f, offset, limit)
}

// Count counts the entries that match f, among the newest CountWithin entries
// between From and Before.
func (t *Trail) Count(ctx context.Context, actor access.Actor, f Filter) (Counts, error) {
	if err := actor.Check(access.ViewAudit); err != nil {
		return Counts{}, err
	}
	return t.store.CountAudit(ctx, f, CountWithin)
}

// Find returns an entry, or NotFound.
func (t *Trail) Find(ctx context.Context, actor access.Actor, id int64) (Row, error) {
	if err := actor.Check(access.ViewAudit); err != nil {
		return Row{}, err
	}
	rows, err := t.store.ListAudit(ctx, id-1, 1)
	if err == nil && (len(rows) == 0 || rows[0].ID != id) {
		return Row{}, errNoEntry
	}
	if err != nil {
		return Row{}, err
	}
	return rows[0], nil
}

// History returns up to limit entries about an object, newest first. It
// requires the permission view of such objects, or the permission to view the
// trail.
func (t *Trail) History(ctx context.Context, actor access.Actor, view access.Permission, o Object, limit int) ([]Row, error) {
	return t.Part(ctx, actor, view, o, Part{Limit: limit})
}

// Part is a part of a history: up to Limit entries with ids less than Below, if that
// is not 0.
type Part struct {
	Below int64
	Limit int
}

// Part returns a part of the history of an object; see History.
func (t *Trail) Part(ctx context.Context, actor access.Actor, view access.Permission, o Object, p Part) ([]Row, error) {
	if err := actor.Check(view); err != nil && !actor.Can(access.ViewAudit) {
		return nil, err
	}
	return t.store.FilterAudit(ctx, Filter{ObjectType: o.Type, ObjectID: o.ID, Below: p.Below}, 0, p.Limit)
}

// Recent returns up to limit recent entries of the actor, newest first; none
// without a staff account.
func (t *Trail) Recent(ctx context.Context, actor access.Actor, limit int) ([]Row, error) {
	if actor.ID() == 0 {
		return nil, nil
	}
	newest, err := t.store.FilterAudit(ctx, Filter{}, 0, 1)
	if err != nil || len(newest) == 0 {
		return nil, err
	}
	return t.store.FilterAudit(ctx, Filter{ActorID: actor.ID(), After: newest[0].ID - recentWithin}, 0, limit)
}
