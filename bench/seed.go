package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// pageSize is Roster's default.
const pageSize = 10

const (
	insert = `INSERT INTO t_users (username, email, first_name, last_name, phone, address, is_active, created_at, updated_at) VALUES `
	values = `(?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

// Names are common enough for a search to find thousands, and rare enough for
// one of two words to find hundreds.
var (
	firstNames = strings.Fields("Ada Alan Annie Barbara Dennis Donald Dorothy Edsger Frances Grace Hedy Jean John Jürgen Katherine" +
		" Ken Leslie Linus Margaret Mary Niklaus Radia Robin Søren Tim Tony Vint Zoë 李娜 王伟")
	lastNames = pairs("Alder Birch Cedar Elder Hazel Larch Maple Olive Rowan Willow", "berg by field ford ham ley man son ton wood")
)

// pairs returns each of the beginnings with each of the ends.
func pairs(beginnings, ends string) (names []string) {
	for _, beginning := range strings.Fields(beginnings) {
		for _, end := range strings.Fields(ends) {
			names = append(names, beginning+end)
		}
	}
	return names
}

// years is how long it took the users to come, one every two minutes, until
// they were a million, from that time on.
var (
	firstCame = time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	years     = 1_000_000 * 2 * time.Minute
)

// row returns the values of user number i. One in five is not active.
func row(prefix string, i int) []any {
	at := firstCame.Add(time.Duration(i) * 2 * time.Minute % years).Format("2006-01-02 15:04:05.000000")
	name, phone := fmt.Sprintf("%s%07d", prefix, i), fmt.Sprintf("+49%09d", i*7_654_321%1_000_000_000)
	first, last := firstNames[i*7919%len(firstNames)], lastNames[i*104_729%len(lastNames)]
	active := 1
	if i%5 == 0 {
		active = 0
	}
	return []any{name, strings.ToLower(last) + "." + name + "@example.com", first, last, phone, "1 High Street, Springfield", active, at, at}
}

// seed fills the table in one transaction, many rows a statement.
func seed(ctx context.Context, db *sql.DB, users int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit this does nothing
	for first := 1; first <= users; first += 500 {
		var args []any
		last := min(first+499, users)
		for i := first; i <= last; i++ {
			args = append(args, row("user", i)...)
		}
		lines := strings.Repeat(values+",", last-first) + values
		if _, err := tx.ExecContext(ctx, insert+lines, args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
