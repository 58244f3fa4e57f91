package mysql_test

import (
	"slices"
	"strings"
	"testing"

	"roster/internal/store"
	"roster/internal/store/mysqltest"
	"roster/internal/user"
)

// A table that was taken over may have any character set and collation, a
// different one in each column: searches and orders do not follow them, but for
// usernames and e-mails, which are ordered as their unique indexes are.
func TestSearch_AnyCollation(t *testing.T) {
	t.Parallel()
	for _, charset := range []string{
		"utf8mb4 COLLATE utf8mb4_0900_ai_ci", "utf8mb4 COLLATE utf8mb4_general_ci", "utf8mb4 COLLATE utf8mb4_unicode_ci",
		"utf8mb3 COLLATE utf8mb3_general_ci", "latin1 COLLATE latin1_swedish_ci", "utf8mb4 COLLATE utf8mb4_bin",
	} {
		t.Run(charset, func(t *testing.T) {
			t.Parallel()
			s, o := openNew(t)
			mysqltest.Exec(t, mysqltest.Connect(t, o.Database), "ALTER TABLE t_users"+
				" MODIFY username varchar(100) CHARACTER SET "+charset+" NOT NULL,"+
				" MODIFY last_name varchar(100) CHARACTER SET "+charset+","+
				" MODIFY phone varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
			checkCollation(t, s, strings.HasSuffix(charset, "_bin"))
		})
	}
}

func checkCollation(t *testing.T, s *store.Store, exact bool) {
	t.Helper()
	b1, a2, accented, e4 := insert(t, s, "B1"), insert(t, s, "a2"), insert(t, s, "É3"), insert(t, s, "e4")
	exactly := []int64{b1, a2, e4, accented}
	byUsername := exactly
	if !exact {
		byUsername = []int64{a2, b1, accented, e4}
	}
	for q, want := range map[user.Query][]int64{
		{Search: "é3"}:                {accented},
		{Search: "É3@"}:               {accented},
		{Search: "E4"}:                {e4},
		{Search: "b1"}:                {b1},
		{Order: "username"}:           byUsername,
		{Order: "email,-username"}:    exactly,
		{Order: "last_name,username"}: byUsername,
		{Order: "phone,username"}:     byUsername,
	} {
		users, err := s.ListUsers(t.Context(), q, 0, 10)
		var got []int64
		for _, u := range users {
			got = append(got, u.ID)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v: got %v, %v, want %v", q, got, err, want)
		}
	}
}
