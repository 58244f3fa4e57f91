package form

import (
	"math"
	"strconv"
	"strings"
)

// formatFloat writes a float as Python's repr does: the shortest digits that
// read back as the same number, with an exponent below 1e-4 and from 1e16 on,
// and with a fraction otherwise.
func formatFloat(x float64) string {
	switch {
	case math.IsInf(x, 1):
		return "inf"
	case math.IsInf(x, -1):
		return "-inf"
	case math.IsNaN(x):
		return "nan"
	}
	if size := math.Abs(x); size != 0 && (size < 1e-4 || size >= 1e16) {
		return strconv.FormatFloat(x, 'e', -1, 64)
	}
	text := strconv.FormatFloat(x, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
