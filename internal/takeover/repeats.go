package takeover

import (
	"hash/maphash"
	"strings"

	"roster/internal/finding"
)

// repeats finds duplicate texts in memory that grows only with the duplicates.
// First note every text, then recheck every text.
type repeats struct {
	seed     maphash.Seed
	seen     []uint64               // one bit per fingerprint
	suspects map[uint64]struct{}    // hashes of texts with a repeated fingerprint
	groups   map[string]*occurrence // by text
}

// occurrence lists where a text occurs.
type occurrence struct {
	count int64
	ids   []string
}

// fingerprints is the number of fingerprints, a power of two: 8 MiB of bits. Of
// a million different texts, about one in 130 is suspected by chance.
const fingerprints = 1 << 26

func newRepeats() *repeats {
	return &repeats{
		seed: maphash.MakeSeed(), seen: make([]uint64, fingerprints/64),
		suspects: make(map[uint64]struct{}), groups: make(map[string]*occurrence),
	}
}

// note records a text in the first pass.
func (r *repeats) note(text string) {
	hash := maphash.String(r.seed, text)
	at, bit := hash%fingerprints/64, uint64(1)<<(hash%64)
	if r.seen[at]&bit != 0 {
		r.suspects[hash%fingerprints] = struct{}{}
	}
	r.seen[at] |= bit
}

// recheck records a text in the second pass.
func (r *repeats) recheck(text, id string) {
	if _, ok := r.suspects[maphash.String(r.seed, text)%fingerprints]; !ok {
		return
	}
	group := r.groups[text]
	if group == nil {
		group = new(occurrence)
		r.groups[text] = group
	}
	if group.count++; len(group.ids) < finding.MaxExamples {
		group.ids = append(group.ids, id)
	}
}

// found returns the duplicate texts, each as the ids of its occurrences, in
// text order.
func (r *repeats) found() (e examples) {
	for _, text := range sortedKeys(r.groups) {
		if group := r.groups[text]; group.count > 1 {
			ids := strings.Join(group.ids, ", ")
			if group.count > int64(len(group.ids)) {
				ids += ", …"
			}
			e.add(ids)
		}
	}
	return e
}
