// Package takeover judges whether Roster can work on the database of a running
// Django system, before anything is changed there. It knows the rules; package
// store reads the database for it, and only reads.
package takeover
