package mysql_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"roster/internal/store/mysql"
	"roster/internal/store/mysqltest"
)

// A proxy that answers that it has set a variable, and has not, is refused at start
// with the name of the variable, whether it passes on what the server has or answers
// with what it was asked to set. The server's own value of each differs from ours.
func TestOpen_LyingProxy(t *testing.T) {
	t.Parallel()
	database := mysqltest.NewDatabase(t)
	for variable, lie := range map[string]struct{ set, kept string }{
		"autocommit":               {"autocommit = 1", "autocommit = 0"},
		"collation_connection":     {"collation_connection = 'utf8mb4_0900_bin'", "collation_connection = 'utf8mb4_0900_ai_ci'"},
		"innodb_lock_wait_timeout": {"innodb_lock_wait_timeout = 5", "innodb_lock_wait_timeout = 50"},
		"sql_mode":                 {"sql_mode = 'STRICT_ALL_TABLES,", "sql_mode = 'HIGH_NOT_PRECEDENCE,STRICT_ALL_TABLES,"},
		"sql_mode, strict":         {"sql_mode = 'STRICT_ALL_TABLES,", "sql_mode = '"},
		"time_zone":                {"time_zone = '+00:00'", "time_zone = '+02:00'"},
		"transaction_isolation":    {"transaction_isolation = 'READ-COMMITTED'", "transaction_isolation = 'REPEATABLE-READ'"},
		"none":                     {"autocommit = 1", "autocommit = 1"},
	} {
		variable, _, _ := strings.Cut(variable, ",")
		for _, remembers := range []bool{false, true} {
			p, o := mysqltest.NewProxy(t, database)
			var lied atomic.Bool
			p.Rewrite(func(command string) string {
				if strings.Contains(command, lie.set) {
					lied.Store(true)
				}
				command = strings.Replace(command, lie.set, lie.kept, 1)
				if remembers {
					_, value, _ := strings.Cut(lie.set, " = ")
					command = strings.ReplaceAll(command, "@@"+variable, value)
				}
				return command
			})
			e, err := mysql.Open(t.Context(), o)
			if err == nil {
				err = e.Close()
			}
			if refused := err != nil; !lied.Load() || refused == (variable == "none") {
				t.Errorf("%s: got %v; the proxy saw it: %t", variable, err, lied.Load())
			} else if refused && (!strings.HasPrefix(err.Error(), "DB_HOST: cannot use the server at ") || !strings.Contains(err.Error(), "setting "+variable+" has no effect, perhaps because of a proxy")) {
				t.Errorf("%s: got %v, want it named", variable, err)
			}
		}
	}
}
