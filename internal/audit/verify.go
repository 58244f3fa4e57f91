package audit

import (
	"crypto/hmac"
	"fmt"
)

// Verifier goes through a chain and finds what was done to it. It is for one
// goroutine.
type Verifier struct {
	chain    Chain
	head     Head // as it was read before the first row
	last     Head // of what was seen
	problems []string
	left     int // problems that are not listed
}

// maxProblems is how many problems are told one by one.
const maxProblems = 100

// NewVerifier returns a verifier for a chain that ends at head, or later.
func NewVerifier(chain Chain, head Head) *Verifier {
	v := &Verifier{chain: chain, head: head}
	if !chain.knows(head) {
		v.tell("the head of the chain, at link %d, was altered, or sealed with a SECRET_KEY that is not known here", head.Link)
	}
	return v
}

// Add takes the next sealed row, in the order of the links.
func (v *Verifier) Add(r *Row) {
	switch next := v.last.Link + 1; {
	case r.Link > next:
		v.tell("%d missing: link %d to %d", r.Link-next, next, r.Link-1)
	case !v.isSound(r):
		v.tell("link %d, entry %d: it was altered, or sealed with a SECRET_KEY that is not known here", r.Link, r.ID)
	}
	v.last = Head{Link: r.Link, Seal: r.Seal}
}

// isSound reports whether the seal is that of the row and the one before it.
func (v *Verifier) isSound(r *Row) bool {
	key := v.chain.keyOf(r.Seal)
	return key != nil && hmac.Equal([]byte(seal(key, v.last.Seal, r)), []byte(r.Seal))
}

// Finish returns how many links there are, and the problems found, each as a sentence.
func (v *Verifier) Finish() (links int64, problems []string) {
	switch {
	case v.last.Link < v.head.Link:
		v.tell("%d missing at the end: link %d to %d", v.head.Link-v.last.Link, v.last.Link+1, v.head.Link)
	case v.last.Link == v.head.Link && v.last.Seal != v.head.Seal:
		v.tell("link %d: the head of the chain has another seal", v.head.Link)
	}
	if v.left > 0 {
		v.problems = append(v.problems, fmt.Sprintf("and %d more", v.left))
	}
	return v.last.Link, v.problems
}

func (v *Verifier) tell(format string, args ...any) {
	if len(v.problems) >= maxProblems {
		v.left++
		return
	}
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
}
