package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Rate is a number of uses allowed within a period.
type Rate struct {
	Limit  int           // at least 1
	Window time.Duration // whole seconds, at least one
}

const (
	maxLimit  = 1_000_000
	maxWindow = 366 * 24 * time.Hour
)

// units are the names of periods. String writes the first of each length.
var units = []struct {
	length time.Duration
	names  []string
}{
	{24 * time.Hour, []string{"day", "d", "days"}},
	{time.Hour, []string{"hour", "h", "hours"}},
	{time.Minute, []string{"min", "m", "minute", "minutes"}},
	{time.Second, []string{"s", "sec", "second", "seconds"}},
}

// ParseRate parses a rate such as "10/5min" or, as in Django REST Framework,
// "100/day": a number, a slash, and a unit (seconds, minutes, hours or days)
// with an optional number. The limit is 1 to 1,000,000, the period at most 366
// days. The error quotes the text and states what is allowed.
func ParseRate(text string) (Rate, error) {
	limit, period, ok := strings.Cut(text, "/")
	n, nOK := parseCount(limit)
	window, windowOK := parsePeriod(period)
	if !ok || !nOK || !windowOK {
		return Rate{}, fmt.Errorf("%q is not a rate such as 10/5min or 100/day", text)
	}
	return Rate{n, window}, nil
}

// String returns the rate in its shortest form accepted by ParseRate.
func (r Rate) String() string {
	for _, u := range units {
		if n := r.Window / u.length; r.Window%u.length == 0 && n > 0 {
			if n == 1 {
				return fmt.Sprintf("%d/%s", r.Limit, u.names[0])
			}
			return fmt.Sprintf("%d/%d%s", r.Limit, n, u.names[0])
		}
	}
	return fmt.Sprintf("%d/%v", r.Limit, r.Window)
}

// OptionalRate is a rate that can be off, its zero value.
type OptionalRate Rate

// String returns "off", or the rate as Rate.String does.
func (r OptionalRate) String() string {
	if r.Limit == 0 {
		return "off"
	}
	return Rate(r).String()
}

func parseOptionalRate(text string) (OptionalRate, error) {
	if text == "off" {
		return OptionalRate{}, nil
	}
	rate, err := ParseRate(text)
	if err != nil {
		err = fmt.Errorf("%w, or off", err)
	}
	return OptionalRate(rate), err
}

// RatedScopes are the scopes that THROTTLE_SCOPES may name, those of API tokens.
var RatedScopes = []string{"users:read", "users:write", "tasks:read", "tasks:write"}

// parseScopeRates parses scope=rate items.
func parseScopeRates(text string) (map[string]Rate, error) {
	rates := map[string]Rate{}
	for _, item := range splitList(text) {
		scope, quota, _ := strings.Cut(item, "=")
		scope = strings.TrimSpace(scope)
		rate, err := ParseRate(strings.TrimSpace(quota))
		switch _, twice := rates[scope]; {
		case !slices.Contains(RatedScopes, scope):
			return nil, fmt.Errorf("%s is not of the form scope=rate with the scope %s", quote(item), strings.Join(RatedScopes, ", "))
		case twice:
			return nil, fmt.Errorf("%s is named twice; give it one rate", quote(scope))
		case err != nil:
			return nil, err
		}
		rates[scope] = rate
	}
	return rates, nil
}

// parseCount parses a decimal number from 1 to maxLimit.
func parseCount(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err == nil && 1 <= n && n <= maxLimit
}

// parsePeriod parses a unit with an optional number.
func parsePeriod(text string) (time.Duration, bool) {
	name := strings.TrimLeft(text, "0123456789")
	n, ok := 1, true
	if digits := text[:len(text)-len(name)]; digits != "" {
		n, ok = parseCount(digits)
	}
	length := unitLength(name)
	period := time.Duration(n) * length // at most 1,000,000 days: far from overflowing
	return period, ok && 0 < period && period <= maxWindow
}

// unitLength returns the length of a unit, 0 if it is unknown.
func unitLength(name string) time.Duration {
	for _, u := range units {
		for _, known := range u.names {
			if name == known {
				return u.length
			}
		}
	}
	return 0
}
