package audit

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"time"

	"roster/internal/access"
)

// errCut is why nothing is removed: a new proof would hide that the beginning
// of the chain was removed by somebody else.
var errCut = errors.New("the cut of the audit chain was altered, or made with a SECRET_KEY that is not among SECRET_KEY_FALLBACKS")

// Retire returns the cut behind those of the rows that are older than before:
// link and seal of the last of them, with a proof, so that the chain can begin
// there. rows are the first of all that are sealed, and each that is to go must
// be as it was sealed: whoever dates an entry back does not get it removed. It
// refuses a cut that the chain has no proof of, and returns the same cut where
// nothing is old enough.
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
		if r.Link != last.Link+1 || !c.isSound(last.Seal, r) {
			return cut, fmt.Errorf("link %d, entry %d: it is not as it was sealed, so neither it nor what follows is removed", r.Link, r.ID)
		}
		last = Head{Link: r.Link, Seal: r.Seal}
	}
	if last.Link == cut.Link {
		return cut, nil
	}
	last.Proof = proveCut(c.keys[0], last)
	return last, nil
}

// knowsCut reports whether the cut is one that the chain has made.
func (c Chain) knowsCut(cut Head) bool {
	if cut == (Head{}) {
		return true
	}
	key := c.keyOf(cut.Proof)
	return key != nil && hmac.Equal([]byte(proveCut(key, cut)), []byte(cut.Proof))
}

// proveCut is another proof than that of a head with the same link and seal.
func proveCut(key []byte, cut Head) string {
	return sign(key, appendTexts(appendNumbers([]byte("cut"), cut.Link), cut.Seal))
}

// retired is what the trail tells of entries that were removed.
func retired(now time.Time, cut Head, removed int64) Entry {
	object := Object{Type: "audit", ID: cut.Link, Name: fmt.Sprintf("entries up to link %d", cut.Link)}
	actor := access.System("audit").Because("they were older than AUDIT_KEEP_DAYS")
	return NewEntry(now.UTC().Truncate(time.Microsecond), actor, Delete, object, []Change{{Field: "entries", Old: removed}})
}

// Prune removes sealed entries that are older than keep, the oldest first, and
// returns how many it removed. It ends at the first entry that is younger, was
// altered or does not follow the one before it; the latter two are an error.
// Any number of processes may call it at once.
func (t *Trail) Prune(ctx context.Context, now time.Time, keep time.Duration) (removed int64, err error) {
	for {
		gone := int64(0)
		err := t.store.CutAudit(ctx, batch, func(cut Head, rows []Row) (Head, *Entry, error) {
			after, err := t.chain.Retire(cut, rows, now.Add(-keep))
			gone = after.Link - cut.Link
			if err != nil || gone == batch || removed+gone == 0 {
				return after, nil, err
			}
			told := retired(now, after, removed+gone)
			return after, &told, nil
		})
		if err != nil {
			return removed, err
		}
		if removed += gone; gone < batch {
			return removed, nil
		}
	}
}
