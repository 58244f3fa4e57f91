// Package store keeps what the domain packages store: users, staff accounts,
// tasks, schedules and the audit trail. It implements their interfaces on SQLite
// and MySQL, on the tables of Django 4.2 and in Django's formats, so that Django
// can go on with the same database.
//
// The queries are written once, here; the few that differ are part of the
// dialect. The packages sqlite and mysql keep connections, repeat transactions
// and classify errors, behind the interface database.
package store
