// Package subject collects what is kept about one user: its row, the audit entries
// about it, the mail that was sent to it, and the tasks about it.
package subject
