package audit

import (
	"context"
	"log/slog"
	"math"

	"roster/internal/access"
	"roster/internal/fault"
)

// batch is how many rows are read or sealed at once.
const batch = 500

// Store keeps the audit trail. Implementations are safe for concurrent use,
// also by several processes, and answer with errors of package fault.
type Store interface {
	// SealNext gives the head of the chain and up to limit rows that have no seal,
	// the oldest first, to seal, and stores the seals and the head that it
	// returns, all in one transaction. It returns how many rows there were.
	SealNext(ctx context.Context, limit int, seal func(Head, []Row) (Head, error)) (int, error)
	// AuditEnds returns the ends of the chain: the cut behind which it begins, and
	// the head, as they were at one moment.
	AuditEnds(ctx context.Context) (cut, head Head, err error)
	// CutAudit gives the cut and the first of all sealed rows, up to limit, to
	// retire, removes the rows behind the old cut up to the one that it returns,
	// stores that and records the entry, if there is one, all in one transaction.
	CutAudit(ctx context.Context, limit int, retire func(cut Head, rows []Row) (Head, *Entry, error)) error
	// ListSealed returns up to limit rows whose links are higher than after, the
	// lowest first. Links below 1, which no seal gives, are among them.
	ListSealed(ctx context.Context, after int64, limit int) ([]Row, error)
	// ListAudit returns up to limit rows whose ids are higher than after, the
	// lowest first, sealed or not.
	ListAudit(ctx context.Context, after int64, limit int) ([]Row, error)
	// FilterAudit returns up to limit rows that f leaves, the highest ids first,
	// after skipping offset of them. Words are found as in a search for users.
	FilterAudit(ctx context.Context, f Filter, offset int64, limit int) ([]Row, error)
	// TallyAudit counts up to limit of the rows that f leaves, the highest ids
	// first, by a field.
	TallyAudit(ctx context.Context, f Filter, by Field, limit int64) (Tally, error)
}

// errNoEntry is the answer to an id that no entry has.
var errNoEntry = fault.New(fault.NotFound, "Not found.")

// Trail is what can be done with the audit trail. It is safe for concurrent use.
type Trail struct {
	store Store
	chain Chain
	log   *slog.Logger
}

// NewTrail returns the trail in that store, sealed by chain.
func NewTrail(store Store, chain Chain, log *slog.Logger) *Trail {
	return &Trail{store: store, chain: chain, log: log}
}

// verifyTries is how often the chain is read when its oldest entries are removed
// meanwhile, which is at most a few times an hour.
const verifyTries = 5

// Verify reads the whole chain and returns what it found. It may run while
// entries are written, and while old ones are removed.
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

// Each calls fn for every entry, the oldest first, until fn returns an error.
// The entry is only good until fn returns.
func (t *Trail) Each(ctx context.Context, actor access.Actor, fn func(*Row) error) error {
	if err := actor.Check(access.ViewAudit); err != nil {
		return err
	}
	return each(func(last Row) ([]Row, error) { return t.store.ListAudit(ctx, last.ID, batch) }, fn)
}

// each calls fn for every row of the batches that next returns, given the last
// row of the batch before.
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

// Seal seals what is not sealed yet and returns how many entries that was.
// Any number of processes may call it at once.
func (t *Trail) Seal(ctx context.Context) (sealed int, err error) {
	for {
		n, err := t.store.SealNext(ctx, batch, t.chain.Append)
		sealed += n
		if err != nil || n < batch {
			return sealed, err
		}
	}
}
