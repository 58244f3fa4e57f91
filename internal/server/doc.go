// Package server composes Roster: it creates every service once from the
// settings, and runs the processes that serve pages and the API, run tasks, and
// start periodic tasks. Package cli has the commands that call it.
package server
