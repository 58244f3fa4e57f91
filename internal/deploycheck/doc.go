// Package deploycheck checks whether settings, machine and database are fit for
// production. A check is a row of a table: id, severity, reason and remedy. The
// caller of Judge gathers the facts; this package reads nothing itself.
package deploycheck
