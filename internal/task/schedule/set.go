package schedule

import "math/bits"

// set is a set of numbers from 0 to 63.
type set uint64

func (s set) has(n int) bool { return s>>n&1 == 1 }

func (s set) with(n int) set { return s | 1<<n }

func (s set) size() int { return bits.OnesCount64(uint64(s)) }

// from returns the smallest number of the set that is at least n, or -1.
func (s set) from(n int) int {
	rest := s >> n << n
	if rest == 0 {
		return -1
	}
	return bits.TrailingZeros64(uint64(rest))
}

// numbers returns the set in ascending order.
func (s set) numbers() []int {
	numbers := make([]int, 0, s.size())
	for n := s.from(0); n >= 0; n = s.from(n + 1) {
		numbers = append(numbers, n)
	}
	return numbers
}
