package mysql_test

import (
	"sync"
	"testing"

	"roster/internal/store/mysql"
	"roster/internal/store/mysqltest"
	"roster/internal/store/sqldb"
)

// TestTrim opens all connections at once.
func TestTrim(t *testing.T) {
	t.Parallel()
	o := mysqltest.NewDatabase(t)
	o.PoolSize, o.MaxOverflow = 2, 3
	e, err := mysql.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var all, wait sync.WaitGroup
	all.Add(5)
	for range 5 {
		wait.Go(func() {
			err := e.Read(t.Context(), "wait", func(sqldb.Conn) error {
				all.Done()
				all.Wait()
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if before, after := mysql.Trim(e); before != 5 || after != 2 {
		t.Errorf("got %d connections, then %d; want the overflow given up", before, after)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}
