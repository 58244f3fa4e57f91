package audit

import (
	"context"
	"time"

	"roster/internal/access"
)

// Filter says which entries are listed. The zero Filter is all.
type Filter struct {
	ObjectType string
	ObjectID   int64
	ActorID    int64
	Actor      string // the name, exactly
	Action     Action
	Door       access.Door
	// From and Before bound when it was done: at From or later, and earlier than Before.
	From, Before time.Time
	Words        []string // each must be in the name of the actor or of the object, the address, the request id or the reason
	After        int64    // ids higher than this alone
}

// Field is a field of entries by which they can be counted.
type Field string

// The fields.
const (
	ByActor      Field = "actor"
	ByAction     Field = "action"
	ByObjectType Field = "object_type"
	ByDoor       Field = "door"
)

// Tally is how many entries have each value of a field.
type Tally struct {
	Count map[string]int64
	Total int64
	More  bool // there are more: counting ended at its limit
}

// recentWithin is among how many of the newest entries one's own are looked for.
const recentWithin = 20_000

// List returns up to limit of the entries that f leaves, the newest first,
// after skipping offset of them.
func (t *Trail) List(ctx context.Context, actor access.Actor, f Filter, offset int64, limit int) ([]Row, error) {
	if err := actor.Check(access.ViewAudit); err != nil {
		return nil, err
	}
	return t.store.FilterAudit(ctx, f, offset, limit)
}

// Tally counts up to limit of the entries that f leaves, the newest, by a field.
func (t *Trail) Tally(ctx context.Context, actor access.Actor, f Filter, by Field, limit int64) (Tally, error) {
	if err := actor.Check(access.ViewAudit); err != nil {
		return Tally{}, err
	}
	return t.store.TallyAudit(ctx, f, by, limit)
}

// Find returns one entry; NotFound when there is none.
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

// History returns up to limit entries about one object, the newest first, for
// actors who may view such objects, whose permission view is, or the trail.
func (t *Trail) History(ctx context.Context, actor access.Actor, view access.Permission, o Object, limit int) ([]Row, error) {
	if err := actor.Check(view); err != nil && !actor.Can(access.ViewAudit) {
		return nil, err
	}
	return t.store.FilterAudit(ctx, Filter{ObjectType: o.Type, ObjectID: o.ID}, 0, limit)
}

// Recent returns up to limit of what the actor has done lately, the newest
// first; nothing for who has no staff account.
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
