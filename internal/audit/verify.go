package audit

import (
	"fmt"

	"roster/internal/phrase"
)

// Verifier checks a chain for manipulation. It is not safe for concurrent use.
type Verifier struct {
	chain    Chain
	cut      Head // the chain begins after it
	head     Head // as read before the first row
	last     Head // of the rows so far
	sealed   int64
	open     int64 // entries whose seal does not cover their credential
	problems []string
	left     int // number of problems not listed
}

// maxProblems is the maximum number of problems listed individually.
const maxProblems = 100

// Report is the result of a verification.
type Report struct {
	Sealed   int64    // entries in the chain
	Removed  int64    // old entries deleted before it
	Open     int64    // entries that have a credential, which their seal does not cover
	Problems []string // one sentence each; empty if the chain is valid
}

// String summarizes a valid chain in a sentence.
func (r Report) String() string {
	text := "The audit trail is sound: " + phrase.Count(r.Sealed, "sealed entry")
	if r.Removed > 0 {
		text += fmt.Sprintf("; %s %s removed after AUDIT_KEEP_DAYS", phrase.Count(r.Removed, "older one"), phrase.Verb(r.Removed, "was", "were"))
	}
	if r.Open > 0 {
		text += fmt.Sprintf("; %d of the seals %s not cover the credential, as an older version made them during an upgrade", r.Open, phrase.Verb(r.Open, "does", "do"))
	}
	return text + "."
}

// NewVerifier returns a verifier for a chain that begins after cut (the zero
// Head for a complete chain) and ends at head or later.
func NewVerifier(chain Chain, cut, head Head) *Verifier {
	v := &Verifier{chain: chain, cut: cut, head: head}
	if !chain.knowsCut(cut) {
		v.report("the cut behind which the chain begins, at link %d, was altered, or made with a SECRET_KEY that is not known here", cut.Link)
		v.cut = Head{}
	}
	v.last = v.cut
	if !chain.knows(head) {
		v.report("the head of the chain, at link %d, was altered, or sealed with a SECRET_KEY that is not known here", head.Link)
	}
	return v
}

// Add verifies the next sealed row, in link order.
func (v *Verifier) Add(r *Row) {
	next := v.last.Link + 1
	if r.Link < next {
		v.report("link %d, entry %d: it is before the beginning of the chain, where no entries should be", r.Link, r.ID)
		return
	}
	v.sealed++
	sound, covered := v.chain.isSound(v.last.Seal, r)
	switch {
	case r.Link > next:
		v.report("%d missing: link %d to %d", r.Link-next, next, r.Link-1)
	case !sound:
		v.report("link %d, entry %d: it was altered, or sealed with a SECRET_KEY that is not known here", r.Link, r.ID)
	}
	if sound && !covered && r.Credential != "" {
		v.open++
	}
	v.last = Head{Link: r.Link, Seal: r.Seal}
}

// Finish returns the result.
func (v *Verifier) Finish() Report {
	switch {
	case v.head.Link < v.cut.Link:
		v.report("the chain ends at link %d and begins behind link %d: its head is older than its cut", v.head.Link, v.cut.Link)
	case v.last.Link < v.head.Link:
		v.report("%d missing at the end: link %d to %d", v.head.Link-v.last.Link, v.last.Link+1, v.head.Link)
	case v.last.Link == v.head.Link && v.last.Seal != v.head.Seal:
		v.report("link %d: the head of the chain has another seal", v.head.Link)
	}
	if v.left > 0 {
		v.problems = append(v.problems, fmt.Sprintf("and %d more", v.left))
	}
	return Report{Sealed: v.sealed, Removed: v.cut.Link, Open: v.open, Problems: v.problems}
}

func (v *Verifier) report(format string, args ...any) {
	if len(v.problems) >= maxProblems {
		v.left++
		return
	}
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
}
