package audit

import (
	"context"
	"fmt"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
)

// errAltered is why a chain keeps its seals: new ones would hide the change.
var errAltered = fault.New(fault.Unprocessable, "The audit trail was altered, so it keeps its seals. roster audit verify lists what is wrong.")

// Resealing replaces the seals of a chain by seals of the present key. It is not
// safe for concurrent use.
type Resealing struct {
	chain    Chain
	cut      Head
	head     Head
	verifier *Verifier
	seal     string // of the last row, by the present key
}

// Reseal returns a resealing of the chain with those ends.
func (c Chain) Reseal(cut, head Head) *Resealing {
	return &Resealing{chain: c, cut: cut, head: head, verifier: NewVerifier(c, cut, head), seal: cut.Seal}
}

// Add verifies the next sealed rows, in the order of links, and replaces their
// seals.
func (r *Resealing) Add(rows []Row) {
	for i := range rows {
		r.verifier.Add(&rows[i])
		rows[i].Seal = seal(r.chain.keys[0], r.seal, &rows[i])
		r.seal = rows[i].Seal
	}
}

// Finish returns the ends with proofs by the present key, and the number of
// rows. If the chain was altered, it returns an Unprocessable error, and the new
// seals must not be stored.
func (r *Resealing) Finish() (cut, head Head, rows int64, err error) { //nolint:revive // the ends belong together
	found := r.verifier.Finish()
	if len(found.Problems) > 0 {
		return cut, head, 0, errAltered
	}
	if cut, head = r.cut, r.head; cut.Link > 0 {
		cut.Proof = proveCut(r.chain.keys[0], cut)
	}
	if head.Link > 0 {
		head.Seal = r.seal
		head.Proof = prove(r.chain.keys[0], head)
	}
	return cut, head, found.Sealed, nil
}

// Reseal verifies the whole chain and replaces all seals by seals of the present
// key, so that no older key is needed any more, in one transaction, and records
// that. It returns the number of entries.
func (t *Trail) Reseal(ctx context.Context, actor access.Actor) (rows int64, err error) {
	if err := actor.Check(access.ViewAudit); err != nil {
		return 0, err
	}
	if _, err := t.Seal(ctx); err != nil {
		return 0, err
	}
	err = t.store.ResealAudit(ctx, batch, t.chain.Reseal, func(n int64) Entry {
		rows = n
		object := Object{Type: "audit", Name: fmt.Sprintf("seals of %d entries", n)}
		return NewEntry(time.Now().UTC().Truncate(time.Microsecond), actor.Because("SECRET_KEY was changed"), Update, object, []Change{Secret("seals")})
	})
	return rows, err
}
