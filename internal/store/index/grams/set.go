package grams

import (
	"encoding/binary"
	"iter"
	"math/bits"
	"slices"
)

// BlockSize is the number of consecutive ids that share a cell per gram.
const BlockSize = 1 << 16

// Cell is the key of a gram's ids in one block.
type Cell int64

const (
	blockBits = 23
	// MaxID is the maximum id in the index.
	MaxID = BlockSize<<blockBits - 1
)

// CellOf returns the cell of a gram for an id from 0 to MaxID.
func CellOf(g Gram, id int64) Cell { return Cell(int64(g)<<blockBits | id/BlockSize) }

// Cells returns the first and the last cell of a gram.
func Cells(g Gram) (first, last Cell) { return CellOf(g, 0), CellOf(g, MaxID) }

// First returns the first id of the cell's block.
func (c Cell) First() int64 { return int64(c) & (1<<blockBits - 1) * BlockSize }

// Set is the stored set of a cell's ids, by their places in the block: two
// bytes each in ascending order, or from 4096 on a bitmap.
type Set []byte

const bitmapSize = BlockSize / 8

// NewSet returns a set of places, which must be in ascending order.
func NewSet(places []uint16) Set {
	if 2*len(places) < bitmapSize {
		s := make(Set, 0, 2*len(places))
		for _, p := range places {
			s = binary.LittleEndian.AppendUint16(s, p)
		}
		return s
	}
	s := make(Set, bitmapSize)
	for _, p := range places {
		s[p/8] |= 1 << (p % 8)
	}
	return s
}

// All returns the places in ascending order.
func (s Set) All() iter.Seq[uint16] {
	if len(s) == bitmapSize {
		return s.allBits
	}
	return s.allListed
}

func (s Set) allListed(yield func(uint16) bool) {
	for i := 0; i+1 < len(s); i += 2 {
		if !yield(binary.LittleEndian.Uint16(s[i:])) {
			return
		}
	}
}

func (s Set) allBits(yield func(uint16) bool) {
	for i, b := range s {
		for ; b != 0; b &= b - 1 {
			if !yield(uint16(i*8 + bits.TrailingZeros8(b))) { //nolint:gosec // below BlockSize
				return
			}
		}
	}
}

// Len returns how many places are in the set.
func (s Set) Len() (n int) {
	if len(s) != bitmapSize {
		return len(s) / 2
	}
	for _, b := range s {
		n += bits.OnesCount8(b)
	}
	return n
}

// has reports whether a place is in the set.
func (s Set) has(place uint16) bool {
	if len(s) == bitmapSize {
		return s[place/8]&(1<<(place%8)) != 0
	}
	low, high := 0, len(s)/2
	for low < high {
		middle := (low + high) / 2
		if binary.LittleEndian.Uint16(s[2*middle:]) < place {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low < len(s)/2 && binary.LittleEndian.Uint16(s[2*low:]) == place
}

// With returns the set with additional places in any order; s itself if it
// already contains them.
func (s Set) With(more []uint16) Set {
	missing := false
	for _, p := range more {
		missing = missing || !s.has(p)
	}
	if !missing {
		return s
	}
	places := slices.AppendSeq(slices.Clone(more), s.All())
	slices.Sort(places)
	return NewSet(slices.Compact(places))
}

// And returns the places that are in both sets.
func (s Set) And(other Set) Set {
	if len(s) == bitmapSize && len(other) == bitmapSize {
		return s.andBits(other)
	}
	var places []uint16
	for p := range s.All() {
		if other.has(p) {
			places = append(places, p)
		}
	}
	return NewSet(places)
}

// andBits is And for two sets of bits.
func (s Set) andBits(other Set) Set {
	both := make(Set, bitmapSize)
	for i := range both {
		both[i] = s[i] & other[i]
	}
	if 2*both.Len() >= bitmapSize {
		return both
	}
	return NewSet(slices.Collect(both.All()))
}
