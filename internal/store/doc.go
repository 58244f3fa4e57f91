// Package store keeps users in SQL. It implements user.Store on SQLite and on
// MySQL, on the table that Django 4.2 makes, in Django's formats, so that
// Django can go on with the same database.
//
// The queries are written once, here, and run by both databases; the few that
// differ are named by the dialect. How connections are kept, transactions
// begun and run again, and errors told apart, is the matter of the packages
// sqlite and mysql below, behind the interface database.
package store
