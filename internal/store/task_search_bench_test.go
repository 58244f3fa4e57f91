package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"roster/internal/store"
	"roster/internal/store/mysqltest"
	"roster/internal/task"
)

// insertManyTasks inserts 200,000 finished tasks.
const insertManyTasks = `INSERT INTO roster_tasks (id, kind, version, queue, priority, args, actor, created_at, run_at, state, worker, runs,
	attempts, crashes, cancel_asked, done, total, error, stack, started_at, finished_at)
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
	SELECT i, 'send_welcome_email', 1, 'default', 5, CONCAT('{"user_id":', 3000000 + i, '}'), 'import of the personnel department', '2026-11-23 12:00:00',
	'2026-11-23 12:00:00', 'done', 'worker-7f9c6d5b8-x2x4z:1', 1, 0, 0, 0, 0, 0, '', '', '2026-11-23 12:00:00', '2026-11-23 12:00:01' FROM n`

// BenchmarkSearchTasks searches a large table as the admin site does: for a word of one
// task, of none, and of all. It also reports the fastest search: others use the machine.
func BenchmarkSearchTasks(b *testing.B) {
	o := mysqltest.NewDatabase(b)
	inMySQL := migrated(b, openMySQL(b, o))
	mysqltest.Exec(b, mysqltest.Connect(b, o.Database), "SET SESSION cte_max_recursion_depth = 1000000; "+insertManyTasks+"; ANALYZE TABLE roster_tasks")
	inSQLite, err := store.Open(b.Context(), store.Options{Path: filepath.Join(b.TempDir(), "db.sqlite3")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = inSQLite.Close() })
	execute(b, migrated(b, inSQLite), insertManyTasks)
	for name, s := range map[string]*store.Store{"mysql": inMySQL, "sqlite": inSQLite} {
		for about, word := range map[string]string{"one": "3199999", "none": "absent", "all": "welcome"} {
			b.Run(name+"/"+about, func(b *testing.B) {
				fastest := time.Hour
				for b.Loop() {
					begin := time.Now()
					if _, err := s.SearchTasks(b.Context(), task.Filter{Words: []string{word}}, 20_000, 0, 100); err != nil {
						b.Fatal(err)
					}
					fastest = min(fastest, time.Since(begin))
				}
				b.ReportMetric(float64(fastest.Microseconds())/1000, "ms/fastest")
			})
		}
	}
}
