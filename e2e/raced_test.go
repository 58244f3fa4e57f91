//go:build race

package e2e_test

// selfRaced reports whether this binary has the race detector.
const selfRaced = true
