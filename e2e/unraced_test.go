//go:build !race

package e2e_test

// raced is how many times as much memory a process takes with the race detector.
const raced = 1
