// Package sqlite runs the queries of package store on a SQLite file.
//
// # Connections
//
// One connection writes, a few read, and one watches for changes. They bypass
// database/sql, which costs as much as the queries; only migrations use it.
// Each connection is used by one goroutine at a time.
//
// # Writing
//
// A durable commit takes some hundred microseconds, mostly waiting for the
// disk. The writer therefore combines all waiting calls in one transaction,
// with a savepoint for each, and commits once (see writer).
//
// # Counting
//
// COUNT(*) reads a whole index. Counts are therefore taken once and then
// updated by the commits of this process; a commit of another process makes
// them unknown (see versions).
package sqlite
