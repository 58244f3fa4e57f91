package audit

import (
	"fmt"

	"roster/internal/phrase"
)

// Verifier goes through a chain and finds what was done to it. It is for one
// goroutine.
type Verifier struct {
	chain    Chain
	cut      Head // behind which the chain begins
	head     Head // as it was read before the first row
	last     Head // of what was seen
	sealed   int64
	problems []string
	left     int // problems that are not listed
}

// maxProblems is how many problems are told one by one.
const maxProblems = 100

// Report is what was found out about a chain.
type Report struct {
	Sealed   int64    // entries in the chain
	Removed  int64    // entries before it that were removed because of their age
	Problems []string // what is wrong, each a sentence; none when the chain is sound
}

// String says in a sentence that a chain without problems is sound.
func (r Report) String() string {
	text := "The audit trail is sound: " + phrase.Count(r.Sealed, "sealed entry")
	if r.Removed > 0 {
		text += fmt.Sprintf("; %s %s removed after AUDIT_KEEP_DAYS", phrase.Count(r.Removed, "older one"), phrase.Verb(r.Removed, "was", "were"))
	}
	return text + "."
}

// NewVerifier returns a verifier for a chain that begins behind cut, the zero
// Head for its very beginning, and ends at head, or later.
func NewVerifier(chain Chain, cut, head Head) *Verifier {
	v := &Verifier{chain: chain, cut: cut, head: head}
	if !chain.knowsCut(cut) {
		v.tell("the cut behind which the chain begins, at link %d, was altered, or made with a SECRET_KEY that is not known here", cut.Link)
		v.cut = Head{}
	}
	v.last = v.cut
	if !chain.knows(head) {
		v.tell("the head of the chain, at link %d, was altered, or sealed with a SECRET_KEY that is not known here", head.Link)
	}
	return v
}

// Add takes the next sealed row, in the order of the links.
func (v *Verifier) Add(r *Row) {
	next := v.last.Link + 1
	if r.Link < next {
		v.tell("link %d, entry %d: it is from before the beginning of the chain, where nothing is any more", r.Link, r.ID)
		return
	}
	v.sealed++
	switch {
	case r.Link > next:
		v.tell("%d missing: link %d to %d", r.Link-next, next, r.Link-1)
	case !v.chain.isSound(v.last.Seal, r):
		v.tell("link %d, entry %d: it was altered, or sealed with a SECRET_KEY that is not known here", r.Link, r.ID)
	}
	v.last = Head{Link: r.Link, Seal: r.Seal}
}

// Finish returns what was found.
func (v *Verifier) Finish() Report {
	switch {
	case v.head.Link < v.cut.Link:
		v.tell("the chain ends at link %d and begins behind link %d: its head is older than its cut", v.head.Link, v.cut.Link)
	case v.last.Link < v.head.Link:
		v.tell("%d missing at the end: link %d to %d", v.head.Link-v.last.Link, v.last.Link+1, v.head.Link)
	case v.last.Link == v.head.Link && v.last.Seal != v.head.Seal:
		v.tell("link %d: the head of the chain has another seal", v.head.Link)
	}
	if v.left > 0 {
		v.problems = append(v.problems, fmt.Sprintf("and %d more", v.left))
	}
	return Report{Sealed: v.sealed, Removed: v.cut.Link, Problems: v.problems}
}

func (v *Verifier) tell(format string, args ...any) {
	if len(v.problems) >= maxProblems {
		v.left++
		return
	}
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
}
