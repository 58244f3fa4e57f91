package mysql_test

import (
	"slices"
	"testing"

	"roster/internal/store/mysqltest"
	"roster/internal/user"
)

// A table that was taken over may have any character set and collation, a
// different one in each column: searches and orders do not follow them.
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
			want := []int64{insert(t, s, "B1"), insert(t, s, "a2"), insert(t, s, "É3"), insert(t, s, "e4")}
			for search, want := range map[string]int64{"é3": want[2], "É3@": want[2], "E4": want[3], "b1": want[0]} {
				users, err := s.ListUsers(t.Context(), user.Query{Search: search}, 0, 10)
				if err != nil || len(users) != 1 || users[0].ID != want {
					t.Errorf("%s: got %+v, %v, want user %d", search, users, err, want)
				}
			}
			for _, order := range []string{"username", "email,-username", "last_name,username", "phone,username"} {
				users, err := s.ListUsers(t.Context(), user.Query{Order: order}, 0, 10)
				var got []int64
				for _, u := range users {
					got = append(got, u.ID)
				}
				if err != nil || !slices.Equal(got, []int64{want[0], want[1], want[3], want[2]}) {
					t.Errorf("%s: got %v, %v, want by code points", order, got, err)
				}
			}
		})
	}
}
