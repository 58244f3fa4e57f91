package pagination_test

import (
	"math"
	"slices"
	"testing"

	"roster/internal/httpkit/pagination"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		current, last int64
		want          []int64
	}{
		{1, 0, nil},
		{1, 1, []int64{1}},
		{1, 2, []int64{1, 2}},
		{2, 3, []int64{1, 2, 3}},
		{1, 4, []int64{1, 2, 3, 4}},
		{1, 5, []int64{1, 2, 0, 5}},
		{4, 5, []int64{1, 2, 3, 4, 5}},
		{5, 9, []int64{1, 0, 4, 5, 6, 0, 9}},
		{4, 7, []int64{1, 2, 3, 4, 5, 6, 7}},
		{9, 9, []int64{1, 0, 8, 9}},
		{500, 1000, []int64{1, 0, 499, 500, 501, 0, 1000}},
	} {
		if got := pagination.Numbers(tt.current, tt.last); !slices.Equal(got, tt.want) {
			t.Errorf("page %d of %d: got %v, want %v", tt.current, tt.last, got, tt.want)
		}
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567", -1234: "-1,234", -999: "-999", math.MaxInt64: "9,223,372,036,854,775,807",
	} {
		if got := pagination.Grouped(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
