package store_test

import (
	"database/sql"
	"fmt"
	"testing"

	"roster/internal/store"
	"roster/internal/store/mysqltest"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

func TestPlans_SQLite(t *testing.T) {
	t.Parallel()
	s := openSQLite(t)
	if _, err := insert(t, s, someone("one")); err != nil {
		t.Fatal(err)
	}
	const join = "SCAN page\nSEARCH t_users USING INTEGER PRIMARY KEY (rowid=?)\nUSE TEMP B-TREE FOR ORDER BY\n"
	const byPlace = "SCALAR SUBQUERY 1\nSCAN t_users USING COVERING INDEX idx_created_at\n"
	for name, want := range map[string]string{
		"entries of user": "SEARCH roster_audit_entries USING INDEX roster_audit_entries_object (object_type=? AND object_id=? AND id<?)\n",
		"tasks of user":   "SEARCH roster_tasks USING INDEX roster_tasks_user (user_id=? AND id<?)\n",
		"mails of user": "SEARCH d USING INDEX roster_deliveries_user (user_id=? AND id<?)\n" +
			"SEARCH t USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN\n",
		"deliveries":    "CO-ROUTINE d\nSCAN roster_deliveries\nSCAN d\nSEARCH u USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN\n",
		"of state":      "CO-ROUTINE d\nSEARCH roster_deliveries USING INDEX roster_deliveries_by_state (state=?)\nSCAN d\nSEARCH u USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN\n",
		"of mailing":    "CO-ROUTINE d\nSEARCH roster_deliveries USING INDEX sqlite_autoindex_roster_deliveries_1 (task_id=?)\nSCAN d\nSEARCH u USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN\nUSE TEMP B-TREE FOR ORDER BY\n",
		"of both":       "CO-ROUTINE d\nSEARCH roster_deliveries USING INDEX roster_deliveries_state (task_id=? AND state=?)\nSCAN d\nSEARCH u USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN\n",
		"of users":      "CO-ROUTINE d\nSEARCH roster_deliveries USING INDEX roster_deliveries_user (user_id=?)\nUSE TEMP B-TREE FOR ORDER BY\nSCAN d\nSEARCH u USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN\n",
		"find":          "SEARCH t_users USING INTEGER PRIMARY KEY (rowid=?)\n",
		"page":          "SCAN t_users USING INDEX idx_created_at\n",
		"deep page":     "SEARCH t_users USING INDEX idx_created_at (created_at<?)\n" + byPlace + "REUSE SUBQUERY 1\n",
		"page from end": "SEARCH t_users USING INDEX idx_created_at (created_at>?)\n" + byPlace + "REUSE SUBQUERY 1\n",
		"total":         "SCAN t_users USING COVERING INDEX idx_created_at\n",
		"active":        "SEARCH t_users USING COVERING INDEX idx_is_active (is_active=?)\n",
		"created": "SCAN CONSTANT ROW\nSCALAR SUBQUERY 1\n" +
			"SEARCH t_users USING COVERING INDEX idx_created_at (created_at>? AND created_at<?)\n",
		"oldest first":     "CO-ROUTINE page\nSCAN t_users USING COVERING INDEX idx_created_at\n" + join,
		"newest active":    "CO-ROUTINE page\nSCAN t_users USING INDEX idx_created_at\n" + join,
		"newest with word": "CO-ROUTINE page\nSCAN t_users USING INDEX idx_created_at\n" + join,
		"few with word":    "CO-ROUTINE page\nSCAN t_users\nUSE TEMP B-TREE FOR ORDER BY\n" + join,
		"few active":       "CO-ROUTINE page\nSEARCH t_users USING INDEX idx_is_active (is_active=?)\nUSE TEMP B-TREE FOR ORDER BY\n" + join,
		"by username":      "CO-ROUTINE page\nSCAN t_users USING COVERING INDEX sqlite_autoindex_t_users_1\n" + join,
		"with address":     "CO-ROUTINE page\nSEARCH t_users USING INDEX sqlite_autoindex_t_users_2 (email=?)\n" + join,
		"with prefix":      "CO-ROUTINE page\nSEARCH t_users USING INDEX sqlite_autoindex_t_users_1 (username>? AND username<?)\nUSE TEMP B-TREE FOR ORDER BY\n" + join,
		"from time":        "SEARCH t_users USING INDEX idx_created_at (created_at<?)\n",
		"from name":        "SEARCH t_users USING INDEX sqlite_autoindex_t_users_1 (username>?)\n",
		"from id":          "SEARCH t_users USING INTEGER PRIMARY KEY (rowid>?)\n",
		"created since":    "CO-ROUTINE page\nSEARCH t_users USING COVERING INDEX idx_created_at (created_at>?)\n" + join,
		"taken": "SCAN CONSTANT ROW\nSCALAR SUBQUERY 1\nSEARCH t_users USING COVERING INDEX sqlite_autoindex_t_users_1 (username=?)\n" +
			"SCALAR SUBQUERY 2\nSEARCH t_users USING COVERING INDEX sqlite_autoindex_t_users_2 (email=?)\n",
	} {
		if got, err := store.Explain(t.Context(), s, "EXPLAIN QUERY PLAN", name, 3); err != nil || got != want {
			t.Errorf("%s: got plan\n%s%v\nwant\n%s", name, got, err, want)
		}
	}
}

func TestPlans_MySQL(t *testing.T) {
	t.Parallel()
	o := storetest.NewDatabase(t)
	s := openMySQL(t, o)
	fill(t, s, 3000)
	admin := mysqltest.Connect(t, o.Database)
	fillRecords(t, admin)
	mysqltest.Rows(t, admin, "ANALYZE TABLE t_users, roster_audit_entries, roster_tasks, roster_deliveries")
	for name, want := range map[string]string{ // the keys of the page, of its users and of finding it
		"entries of user":  "roster_audit_entries_object\n",
		"tasks of user":    "roster_tasks_user\n",
		"mails of user":    "roster_deliveries_user\nPRIMARY\n",
		"deliveries":       "\nPRIMARY\nPRIMARY\n",
		"of state":         "\nPRIMARY\nroster_deliveries_by_state\n",
		"of mailing":       "\nPRIMARY\nroster_deliveries_once\n",
		"of both":          "\nPRIMARY\nroster_deliveries_once\n",
		"of users":         "\nPRIMARY\nroster_deliveries_user\n",
		"page":             "idx_created_at\n",
		"active":           "idx_is_active\n",
		"created":          "\nidx_created_at\n",
		"oldest first":     "\nPRIMARY\nidx_created_at\n",
		"newest active":    "\nPRIMARY\nidx_created_at\n",
		"newest with word": "\nPRIMARY\nidx_created_at\n",
		"by username":      "\nPRIMARY\nusername\n",
		"with address":     "\nemail\n",
		"with prefix":      "\nPRIMARY\nusername\n",
		"from time":        "idx_created_at\n",
		"from name":        "username\n",
		"from id":          "PRIMARY\n",
		"created since":    "\nPRIMARY\nidx_created_at\n",
	} {
		if got, err := store.Explain(t.Context(), s, "EXPLAIN FORMAT=TRADITIONAL", name, 6); err != nil || got != want {
			t.Errorf("%s: got keys %q, %v, want %q", name, got, err, want)
		}
	}
}

// fill stores n users, of whom every tenth is not active, in one transaction.
func fill(t *testing.T, s *store.Store, n int) {
	t.Helper()
	err := s.InTx(t.Context(), func(tx user.Tx) error {
		for i := range n {
			u := someone(fmt.Sprint("user", i))
			u.IsActive, u.CreatedAt = i%10 != 0, u.CreatedAt.AddDate(0, 0, -i)
			if _, err := tx.InsertUser(u); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// fillRecords adds 4096 audit entries, tasks and deliveries about 64 users.
func fillRecords(t *testing.T, db *sql.DB) {
	t.Helper()
	const numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4096)"
	for _, statement := range []string{
		"SET SESSION cte_max_recursion_depth = 5000",
		"INSERT INTO roster_audit_entries (created_at, actor_id, actor, action, object_type, object_id, object_name, changes, address, request_id, reason)" +
			" " + numbers + " SELECT NOW(6), 0, 'a', 'update', 'user', i MOD 64, 'u', '[]', '', '', '' FROM n",
		"INSERT INTO roster_tasks (kind, version, queue, priority, args, actor, created_at, run_at, state, worker, runs, attempts, crashes, cancel_asked, done, total, error, stack, user_id)" +
			" " + numbers + " SELECT 'noop', 1, 'q', 1, '{}', 'a', NOW(6), NOW(6), 'done', '', 0, 0, 0, 0, 0, 0, '', '', i MOD 64 FROM n",
		"INSERT INTO roster_deliveries (task_id, user_id, state, error, changed_at) " + numbers + " SELECT i, i MOD 64, 'sent', '', NOW(6) FROM n",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}
