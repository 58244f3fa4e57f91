package schedule

import (
	"fmt"
	"strconv"
	"strings"
)

// field describes a column of a crontab.
type field struct {
	name      string // column name
	min, max  int    // range of "*"
	top       int    // largest accepted number: 7 is also Sunday
	maxLength int    // of the column
	words     []string
}

var (
	minuteField     = field{name: "minute", min: 0, max: 59, top: 59, maxLength: 240}
	hourField       = field{name: "hour", min: 0, max: 23, top: 23, maxLength: 96}
	dayOfWeekField  = field{name: "day_of_week", min: 0, max: 6, top: 7, maxLength: 64, words: weekdayNames}
	dayOfMonthField = field{name: "day_of_month", min: 1, max: 31, top: 31, maxLength: 124}
	monthField      = field{name: "month_of_year", min: 1, max: 12, top: 12, maxLength: 64, words: monthNames}
)

var (
	weekdayNames = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
	monthNames   = []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}
)

// parse parses a field in Celery's crontab syntax: a list of "*", numbers and
// ranges, where "*" and ranges may have a step. A range whose end is before its
// start wraps around.
func (f field) parse(text string) (set, error) {
	if len(text) > f.maxLength {
		return 0, fmt.Errorf("%s has %d characters, at most %d are allowed", f.name, len(text), f.maxLength)
	}
	var all set
	for part := range strings.SplitSeq(text, ",") {
		numbers, err := f.parsePart(strings.TrimSpace(part))
		if err != nil {
			return 0, fmt.Errorf("%s %q is invalid: %w", f.name, text, err)
		}
		all |= numbers
	}
	return all, nil
}

// parsePart parses one item of the list.
func (f field) parsePart(part string) (set, error) {
	span, stepText, stepped := strings.Cut(part, "/")
	first, last, err := f.parseSpan(span, stepped)
	if err != nil {
		return 0, err
	}
	step := uint64(1)
	if stepped {
		if step, err = strconv.ParseUint(stepText, 10, 31); err != nil || step == 0 {
			return 0, fmt.Errorf("the step %q is not a positive integer", stepText)
		}
	}
	return f.expand(first, last, int(step)), nil
}

// parseSpan returns the ends of "*", a range or a single number, which has no
// step.
func (f field) parseSpan(span string, stepped bool) (first, last int, err error) {
	if span == "*" {
		return f.min, f.max, nil
	}
	from, to, isRange := strings.Cut(span, "-")
	if stepped && !isRange {
		return 0, 0, fmt.Errorf("a step requires * or a range, not %q", span)
	}
	if first, err = f.parseNumber(from); err != nil || !isRange {
		return first, first, err
	}
	last, err = f.parseNumber(to)
	return first, last, err
}

// parseNumber parses a number or, in fields that have them, a name of three or
// more letters.
func (f field) parseNumber(text string) (int, error) {
	if n, err := strconv.ParseUint(text, 10, 31); err == nil && int(n) >= f.min && int(n) <= f.top {
		return int(n), nil
	}
	word := strings.ToLower(text)
	for i, full := range f.words {
		if len(word) >= 3 && strings.HasPrefix(full, word) {
			return f.min + i, nil
		}
	}
	if len(f.words) > 0 {
		return 0, fmt.Errorf("%q is neither a number from %d to %d nor a name such as %q", text, f.min, f.top, f.words[1][:3])
	}
	return 0, fmt.Errorf("%q is not a number from %d to %d", text, f.min, f.top)
}

// expand returns every step-th number from first to last, wrapping around if
// last is smaller.
func (f field) expand(first, last, step int) set {
	size := f.max - f.min + 1
	if first > f.max { // 7 is Sunday, and begins the week as 0 does
		first, last = first-size, f.min+(last-f.min)%size
	}
	if last < first {
		last += size
	}
	var numbers set
	for n := first; n <= last; n += step {
		numbers = numbers.with(f.min + (n-f.min)%size)
	}
	return numbers
}
