// Package store stores the data of the domain packages: users, staff accounts,
// tasks, schedules and the audit trail. It implements their interfaces on
// SQLite and MySQL, in the tables and formats of Django 4.2, so that Django can
// keep using the same database.
//
// The queries are written once, here; the few differences are in the dialect.
// The packages sqlite and mysql manage connections, retry transactions and
// classify errors, behind the interface database.
package store
