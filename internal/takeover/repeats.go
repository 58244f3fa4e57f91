package takeover

import (
	"hash/maphash"
	"strings"

	"roster/internal/finding"
)

// repeats finds the texts that come more than once, among any number of them,
// in a memory that grows with the repeated ones alone. Every text is noted
// first, then every text rechecked.
type repeats struct {
	seed     maphash.Seed
	seen     []uint64               // a bit for each fingerprint
	suspects map[uint64]struct{}    // hashes of texts whose fingerprint was seen before
	groups   map[string]*occurrence // by text
}

// occurrence is where one text occurs.
type occurrence struct {
	count int64
	ids   []string
}

// fingerprints is how many there are, a power of two: 8 MiB of bits. Of a
// million different texts about one in 130 is suspected by chance.
const fingerprints = 1 << 26

func newRepeats() *repeats {
	return &repeats{
		seed: maphash.MakeSeed(), seen: make([]uint64, fingerprints/64),
		suspects: make(map[uint64]struct{}), groups: make(map[string]*occurrence),
	}
}

// note remembers a text of the first time.
func (r *repeats) note(text string) {
	hash := maphash.String(r.seed, text)
	at, bit := hash%fingerprints/64, uint64(1)<<(hash%64)
	if r.seen[at]&bit != 0 {
		r.suspects[hash%fingerprints] = struct{}{}
	}
	r.seen[at] |= bit
}

// recheck looks at a text of the second time.
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

// found returns the texts that come more than once, each as the ids of where it
// occurs, in the order of texts.
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
