package sqldb_test

import (
	"testing"

	"roster/internal/store/sqldb"
)

func TestRefuseRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rows map[string]int64
		want string
	}{
		{map[string]int64{"t_users": 1}, "DB holds 1 row in t_users; --overwrite replaces all of it"},
		{map[string]int64{"t_users": 0, "auth_user": 2}, "DB holds 2 rows in auth_user; --overwrite replaces all of it"},
		{map[string]int64{"t_users": 0, "auth_permission": 40}, ""},
		{map[string]int64{"songs": 3, "albums": 0}, "DB holds 3 rows in songs; --overwrite replaces all of it"},
		{map[string]int64{"songs": 0}, ""},
		{nil, ""},
	} {
		got := ""
		if err := sqldb.RefuseRows("DB", c.rows); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v: got %q, want %q", c.rows, got, c.want)
		}
	}
}
