// Package mysql runs the queries of package store on a MySQL server, version
// 8.0.17 or later.
//
// database/sql keeps the connections; a call borrows one and uses the driver's
// own connection, which spares a copy of every value. A caller that waits for a
// connection may give up, but a statement that was sent is never cut short: the
// driver would have to close the connection, and clients that time out would
// have the server open one after the other. The driver's timeouts bound every
// statement instead.
//
// Transactions are READ COMMITTED. One that MySQL chose as the victim of a
// deadlock, that waited too long for a lock or whose connection broke before
// COMMIT was sent is run again. What happened to a COMMIT that got no answer
// cannot be known: the caller gets the error that the database is not available.
package mysql
