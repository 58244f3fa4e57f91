package audit

import (
	"context"
	"log/slog"
	"math"

	"roster/internal/access"
	"roster/internal/fault"
)

// batch is the number of rows read or sealed at a time.
const batch = 500

// Store stores the audit trail. Implementations are safe for concurrent use,
// also by several processes, and return errors of package fault.
type Store interface {
	// SealNext passes the head of the chain and up to limit unsealed rows,
	// oldest first, to seal, and stores the seals and the head that it returns,
	// in one transaction. It returns the number of rows.
	SealNext(ctx context.Context, limit int, seal func(Head, []Row) (Head, error)) (int, error)
	// AuditEnds returns the ends of the chain, its cut and its head, as of one
	// moment.
	AuditEnds(ctx context.Context) (cut, head Head, err error)
	// CutAudit passes the cut and the first sealed rows, up to limit, to
	// retire, deletes the rows up to the cut that it returns, stores that cut
	// and records the entry, if any, in one transaction.
	CutAudit(ctx context.Context, limit int, retire func(cut Head, rows []Row) (Head, *Entry, error)) error
	// ResealAudit passes the ends of the chain to begin, then all sealed rows, in
	// the order of links and up to limit at a time, to the resealing that it
	// returns, and stores their new seals, the new ends, and the entry that
	// record returns for the number of rows, in one transaction.
	ResealAudit(ctx context.Context, limit int, begin func(cut, head Head) *Resealing, record func(rows int64) Entry) error
	// ListSealed returns up to limit rows with links greater than after, in
	// ascending order, including invalid links below 1.
	ListSealed(ctx context.Context, after int64, limit int) ([]Row, error)
	// ListAudit returns up to limit rows with ids greater than after, in
	// ascending order, sealed or not.
	ListAudit(ctx context.Context, after int64, limit int) ([]Row, error)
	// FilterAudit returns up to limit rows that match f, by descending id,
	// after skipping offset. Words match as in a search for users, in the
	// entry's id, actor, action, object, changes, source and reason.
	FilterAudit(ctx context.Context, f Filter, offset int64, limit int) ([]Row, error)
	// CountAudit counts the rows that match f, among the newest ones between
	// f.From and f.Before, as many as within.
	CountAudit(ctx context.Context, f Filter, within int64) (Counts, error)
}

// errNoEntry is returned for an unknown id.
var errNoEntry = fault.New(fault.NotFound, "Not found.")

// Trail provides access to the audit trail. It is safe for concurrent use.
type Trail struct {
	store Store
	chain Chain
	log   *slog.Logger
}

// NewTrail returns the trail in the store, sealed by chain.
func NewTrail(store Store, chain Chain, log *slog.Logger) *Trail {
	return &Trail{store: store, chain: chain, log: log}
}

// verifyTries is how often Verify restarts if old entries are deleted
// meanwhile, which happens at most a few times an hour.
const verifyTries = 5

// Verify reads the whole chain and returns its findings. It may run while
// entries are written and deleted.
func (t *Trail) Verify(ctx context.Context, actor access.Actor) (found Report, err error) {
	if err := actor.Check(access.ViewAudit); err != nil {
		return Report{}, err
	}
	for range verifyTries {
		cut, head, err := t.store.AuditEnds(ctx)
		if err != nil {
			return Report{}, err
		}
		if found, err = t.verify(ctx, cut, head); err != nil {
			return Report{}, err
		}
		now, _, err := t.store.AuditEnds(ctx)
		if err != nil || now == cut {
			return found, err
		}
	}
	return found, nil
}

func (t *Trail) verify(ctx context.Context, cut, head Head) (Report, error) {
	v := NewVerifier(t.chain, cut, head)
	first := true
	err := each(func(last Row) ([]Row, error) {
		after := last.Link
		if first {
			first, after = false, math.MinInt64
		}
		return t.store.ListSealed(ctx, after, batch)
	}, func(r *Row) error { v.Add(r); return nil })
	return v.Finish(), err
}

// Each calls fn for every entry, oldest first, until fn returns an error. The
// entry is only valid during the call.
func (t *Trail) Each(ctx context.Context, actor access.Actor, fn func(*Row) error) error {
	if err := actor.Check(access.ViewAudit); err != nil {
		return err
	}
	return each(func(last Row) ([]Row, error) { return t.store.ListAudit(ctx, last.ID, batch) }, fn)
}

// each calls fn for every row of the batches that next returns, given the last
// row of the previous batch.
func each(next func(last Row) ([]Row, error), fn func(*Row) error) error {
	var last Row
	for {
		rows, err := next(last)
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			if err := fn(&rows[i]); err != nil {
				return err
			}
		}
		last = rows[len(rows)-1]
	}
}

// Seal seals the unsealed entries and returns their number. It is safe for
// concurrent use by any number of processes.
func (t *Trail) Seal(ctx context.Context) (sealed int, err error) {
	for {
		n, err := t.store.SealNext(ctx, batch, t.chain.Append)
		sealed += n
		if err != nil || n < batch {
			return sealed, err
		}
	}
}
