package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"roster/internal/store/engine"
)

// Engine is a database on a MySQL server. It is safe for concurrent use.
type Engine struct {
	options Options
	db      *sql.DB
	log     engine.Journal
	counts  [2]sharedCount // by the index of engine.Counts

	mu     sync.Mutex // guards closed, and calls against it
	closed bool
	calls  sync.WaitGroup

	closing chan struct{} // closed when closed becomes true
	tidying sync.WaitGroup
}

// tidyEvery is how often connections are given up that are no longer needed.
const tidyEvery = time.Minute

// Open connects to the server, waiting for it as long as the options say. It
// refuses, in one line that names the setting, what it cannot connect to and
// servers that are not MySQL 8.0.17 or later.
func Open(ctx context.Context, o Options) (*Engine, error) {
	o = o.withDefaults()
	connector, err := o.connector(ioTimeout)
	if err != nil {
		return nil, err
	}
	e := &Engine{options: o, db: sql.OpenDB(connector), log: engine.NewJournal(o.Logger), closing: make(chan struct{})}
	e.db.SetMaxOpenConns(o.PoolSize + o.MaxOverflow)
	e.db.SetMaxIdleConns(o.PoolSize + o.MaxOverflow)
	e.tidying.Go(e.tidy)
	if err := e.await(ctx); err != nil {
		return nil, engine.FirstError(err, e.Close())
	}
	return e, nil
}

// Close waits for the calls under way, then closes all connections. Only the
// first call does anything.
func (e *Engine) Close() error {
	e.mu.Lock()
	if !e.closed {
		e.closed = true
		close(e.closing)
	}
	e.mu.Unlock()
	e.calls.Wait()
	e.tidying.Wait()
	return e.db.Close()
}

// tidy gives up the connections beyond the pool's size that nobody uses, now
// and then. To close each at once would have a busy server open and close
// connections all the time, and see some more than the limit.
func (e *Engine) tidy() {
	ticks := time.NewTicker(tidyEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			e.trim()
		case <-e.closing:
			return
		}
	}
}

func (e *Engine) trim() {
	e.db.SetMaxIdleConns(e.options.PoolSize)
	e.db.SetMaxIdleConns(e.options.PoolSize + e.options.MaxOverflow)
}

// enter begins a call, which ends with leave.
func (e *Engine) enter() (leave func(), err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, engine.ErrClosed
	}
	e.calls.Add(1)
	return e.calls.Done, nil
}

// await checks the server, again and again while none answers.
func (e *Engine) await(ctx context.Context) error {
	limit := time.Now().Add(e.options.Wait)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := e.checkServer(ctx)
		if err == nil || !isAway(err) || time.Now().Add(pause).After(limit) {
			return e.refusalOf(err)
		}
		e.log.WarnContext(ctx, "waiting for the database", "error", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

const selectSettings = "SELECT VERSION(), @@character_set_client, @@character_set_connection, @@collation_connection," +
	" @@transaction_isolation, @@time_zone, @@sql_mode, @@wait_timeout"

// checkServer reads the server's version and what it made of our settings, and
// sets how old connections may get.
func (e *Engine) checkServer(ctx context.Context) error {
	return e.lend(ctx, func(c *conn) error {
		return c.Query(selectSettings, func(row []driver.Value) error {
			texts := make([]string, len(row))
			for i, value := range row {
				texts[i] = engine.TextOf(value).String
			}
			timeout, _ := row[len(row)-1].(int64)
			e.db.SetConnMaxLifetime(lifetime(e.options.Recycle, time.Duration(timeout)*time.Second, rand.Float64())) //nolint:gosec // it only keeps processes from moving in step
			return engine.FirstError(checkVersion(texts[0]), checkSession(texts[1:7]))
		})
	})
}

// lifetime returns when to replace a connection: before recycle is over, and
// before the server closes it after timeout without a statement. By random, of
// [0, 1), it is up to a tenth less, lest many processes reconnect at once.
func lifetime(recycle, timeout time.Duration, random float64) time.Duration {
	if timeout > 0 {
		recycle = min(recycle, timeout*9/10)
	}
	return max(time.Duration(float64(recycle)*(1-random/10)), time.Second)
}

// checkVersion refuses what is not MySQL 8.0 or later. The first releases of
// 8.0 are refused when they do not know the collation.
func checkVersion(version string) error {
	if strings.Contains(strings.ToLower(version), "mariadb") {
		return unfitError("it is MariaDB " + version + ", whose collations differ")
	}
	number, _, _ := strings.Cut(version, ".")
	if major, err := strconv.Atoi(number); err != nil || major < 8 {
		return unfitError("it is version " + version)
	}
	return nil
}

// checkSession refuses a server, or something before it, that does not keep
// the settings of a connection.
func checkSession(got []string) error {
	for i, want := range []string{charset, charset, collation, isolation, "+00:00"} {
		if got[i] != want {
			return fmt.Errorf("it keeps %s where %s is needed", got[i], want)
		}
	}
	for _, want := range []string{strict, "PIPES_AS_CONCAT"} {
		if mode := got[5]; !strings.Contains(mode, want) {
			return fmt.Errorf("its sql_mode is %s, without %s", mode, want)
		}
	}
	return nil
}
