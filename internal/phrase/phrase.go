// Package phrase formats numbers in sentences: counts with a noun, and sizes in
// readable units.
package phrase

import (
	"strconv"
	"strings"
)

// Count formats "1 user", "0 users" or "12 entries". The noun must form its
// plural with s.
func Count[N int | int64](n N, noun string) string {
	return strconv.FormatInt(int64(n), 10) + " " + Noun(n, noun)
}

// Noun returns the noun in the form that Count uses, for numbers formatted
// otherwise.
func Noun[N int | int64](n N, noun string) string {
	if n == 1 {
		return noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok && !strings.HasSuffix(stem, "a") && !strings.HasSuffix(stem, "e") {
		return stem + "ies"
	}
	return noun + "s"
}

// Verb returns the verb form that agrees with the number: Verb(n, "is", "are").
func Verb[N int | int64](n N, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Size formats a number of bytes: as an integer below 1 KiB, then with one
// decimal in the largest fitting unit up to TiB.
func Size(bytes int64) string {
	const step = 1024
	if bytes < step {
		return strconv.FormatInt(bytes, 10) + " B"
	}
	units := [...]string{"KiB", "MiB", "GiB", "TiB"}
	size, unit := float64(bytes)/step, 0
	for size >= step-0.05 && unit < len(units)-1 { // would be rounded to 1024.0
		size, unit = size/step, unit+1
	}
	return strconv.FormatFloat(size, 'f', 1, 64) + " " + units[unit]
}
