package store_test

import (
	"testing"

	"roster/internal/store"
)

func TestPlans_SQLite(t *testing.T) {
	t.Parallel()
	s := openSQLite(t)
	if _, err := insert(t, s, someone("one")); err != nil {
		t.Fatal(err)
	}
	const byPlace = "SCALAR SUBQUERY 1\nSCAN t_users USING COVERING INDEX idx_created_at\n"
	for name, want := range map[string]string{
		"find":          "SEARCH t_users USING INTEGER PRIMARY KEY (rowid=?)\n",
		"page":          "SCAN t_users USING INDEX idx_created_at\n",
		"deep page":     "SEARCH t_users USING INDEX idx_created_at (created_at<?)\n" + byPlace + "REUSE SUBQUERY 1\n",
		"page from end": "SEARCH t_users USING INDEX idx_created_at (created_at>?)\n" + byPlace + "REUSE SUBQUERY 1\n",
		"total":         "SCAN t_users USING COVERING INDEX idx_created_at\n",
		"active":        "SEARCH t_users USING COVERING INDEX idx_is_active (is_active=?)\n",
		"taken": "SCAN CONSTANT ROW\nSCALAR SUBQUERY 1\nSEARCH t_users USING COVERING INDEX sqlite_autoindex_t_users_1 (username=?)\n" +
			"SCALAR SUBQUERY 2\nSEARCH t_users USING COVERING INDEX sqlite_autoindex_t_users_2 (email=?)\n",
	} {
		if got, err := store.Explain(t.Context(), s, "EXPLAIN QUERY PLAN", name, 3); err != nil || got != want {
			t.Errorf("%s: got plan\n%s%v\nwant\n%s", name, got, err, want)
		}
	}
}
