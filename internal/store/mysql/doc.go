// Package mysql runs the queries of package store on a MySQL server, version
// 8.0.17 or later.
//
// database/sql pools the connections; a call borrows one and uses the driver's
// own connection, which avoids copying every value. A caller may stop waiting
// for a connection, but statements are never interrupted: the driver would have
// to close the connection, and clients that time out would make the server open
// new ones constantly. The driver's timeouts bound every statement instead.
//
// Transactions are READ COMMITTED. A transaction is retried if it was the
// victim of a deadlock, waited too long for a lock or lost its connection
// before COMMIT was sent. The outcome of a COMMIT without response is unknown:
// the caller gets an error that the database is not available.
package mysql
