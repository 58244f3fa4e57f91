// Package sqlite runs the queries of package store on a SQLite file.
//
// # Connections
//
// One connection writes, a few read, one watches for changes. They lie below
// database/sql, which costs as much as the queries do; database/sql serves
// the migrations alone. Each connection is used by one goroutine at a time.
//
// # Writing
//
// A durable commit takes some hundred microseconds, mostly waiting for the
// disk. The writer therefore puts everything that waits into one transaction,
// a savepoint for each call, and commits once (see writer).
//
// # Counting
//
// COUNT(*) reads a whole index. The counts are therefore taken once and then
// carried on by what this process commits; a commit of another process makes
// them unknown again (see versions).
package sqlite
