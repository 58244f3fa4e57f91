// Package takeover checks whether Roster can work on the database of a running
// Django system, before anything is changed. It contains the rules; package
// store reads the database for it, and only reads.
package takeover
