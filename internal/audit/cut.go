package audit

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"time"

	"roster/internal/access"
)

// errCut is why nothing is deleted: a new proof would hide that someone else
// removed the beginning of the chain.
var errCut = errors.New("the cut of the audit chain was altered, or made with a SECRET_KEY that is not among SECRET_KEY_FALLBACKS")

// Retire returns the cut after the rows that are older than before: link and
// seal of the last of them, with a proof, so that the chain can begin there.
// rows are the first sealed rows. The seals of the retired rows are verified,
// so that backdating an entry does not get it deleted. Retire rejects a cut
// without a valid proof, and returns the same cut if no row is old enough.
func (c Chain) Retire(cut Head, rows []Row, before time.Time) (Head, error) {
	if !c.knowsCut(cut) {
		return cut, errCut
	}
	last := cut
	for i := range rows {
		r := &rows[i]
		if !r.At.Before(before) {
			break
		}
		if sound, _ := c.isSound(last.Seal, r); r.Link != last.Link+1 || !sound {
			return cut, fmt.Errorf("link %d, entry %d: its seal is invalid, so neither it nor later entries are deleted", r.Link, r.ID)
		}
		last = Head{Link: r.Link, Seal: r.Seal}
	}
	if last.Link == cut.Link {
		return cut, nil
	}
	last.Proof = proveCut(c.keys[0], last)
	return last, nil
}

// knowsCut reports whether the chain made the cut.
func (c Chain) knowsCut(cut Head) bool {
	if cut == (Head{}) {
		return true
	}
	key := c.keyOf(cut.Proof)
	return key != nil && hmac.Equal([]byte(proveCut(key, cut)), []byte(cut.Proof))
}

// proveCut returns a proof that is never valid for a head.
func proveCut(key []byte, cut Head) string {
	return sign(key, appendTexts(appendNumbers([]byte("cut"), cut.Link), cut.Seal))
}

// retired returns the entry that records the deletion of entries.
func retired(now time.Time, cut Head, removed int64) Entry {
	object := Object{Type: "audit", ID: cut.Link, Name: fmt.Sprintf("entries up to link %d", cut.Link)}
	actor := access.System("audit").Because("they were older than AUDIT_KEEP_DAYS")
	return NewEntry(now.UTC().Truncate(time.Microsecond), actor, Delete, object, []Change{{Field: "entries", Old: removed}})
}

// Prune deletes sealed entries older than before, oldest first, and returns how
// many. It stops at the first entry that is younger, was altered or does not
// follow the previous one; the latter two are errors. Each transaction records
// what it deleted. Prune calls rest between transactions, and ends if that
// returns an error. It is safe for concurrent use
// by any number of processes.
func (t *Trail) Prune(ctx context.Context, now, before time.Time, rest func() error) (removed int64, err error) {
	for {
		gone := int64(0)
		err := t.store.CutAudit(ctx, batch, func(cut Head, rows []Row) (Head, *Entry, error) {
			after, err := t.chain.Retire(cut, rows, before)
			gone = after.Link - cut.Link
			if err != nil || gone == 0 {
				return after, nil, err
			}
			entry := retired(now, after, gone)
			return after, &entry, nil
		})
		if err != nil {
			return removed, err
		}
		if removed += gone; gone < batch {
			return removed, nil
		}
		if err := rest(); err != nil {
			return removed, err
		}
	}
}
