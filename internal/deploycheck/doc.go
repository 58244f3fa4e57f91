// Package deploycheck judges whether settings, machine and database are fit for
// production. A check is a row of a table: its id, how grave a failure is, the
// reason and the remedy. What the checks look at is gathered by whoever calls
// Judge; nothing is read here.
package deploycheck
