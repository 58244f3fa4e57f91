package mysql_test

import (
	"context"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/query"
	"roster/internal/store"
	"roster/internal/store/mysql"
	"roster/internal/store/mysqltest"
	"roster/internal/store/sqldb"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// patience is how long a test waits for what must come.
const patience = 5 * time.Minute

// What the log says of a replica.
const (
	inUse   = "read replica is in use"
	leftOut = "read replica is not used"
)

// logged is a slog.Handler that a test can wait for.
type logged struct {
	mu    sync.Mutex
	lines []string
	news  chan struct{} // closed with the next line
}

func newLogged() *logged { return &logged{news: make(chan struct{})} }

func (l *logged) Enabled(context.Context, slog.Level) bool { return true }
func (l *logged) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *logged) WithGroup(string) slog.Handler            { return l }

func (l *logged) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	close(l.news)
	l.news = make(chan struct{})
	return nil
}

// find returns how many lines hold the text, and what is closed with the next.
func (l *logged) find(text string) (n int, news <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n, l.news
}

// await waits until n lines hold the text.
func (l *logged) await(t *testing.T, text string, n int) {
	t.Helper()
	limit := time.After(patience)
	for {
		found, news := l.find(text)
		if found >= n {
			return
		}
		select {
		case <-news:
		case <-limit:
			t.Fatalf("got %d lines with %q in %q, want %d", found, text, l.lines, n)
		}
	}
}

// follower is a store that reads from a replica.
type follower struct {
	*store.Store

	log   *logged
	proxy *mysqltest.Proxy // before the replica
	reads atomic.Int64     // how many queries of the table the replica got
}

// follow opens a store on a new database of the pair, and returns it when the
// replica is in use.
func follow(t *testing.T, pair *mysqltest.Pair, maxLag, checkTimeout time.Duration) *follower {
	t.Helper()
	f := &follower{log: newLogged()}
	o := mysql.WithLag(pair.NewDatabase(t), maxLag, checkTimeout)
	var way mysql.Options
	f.proxy, way = mysqltest.NewProxy(t, mysql.Options{Host: "127.0.0.1", Port: pair.Replica.Port})
	f.proxy.Judge(func(command string) mysqltest.Verdict {
		if strings.Contains(command, "FROM t_users") {
			f.reads.Add(1)
		}
		return mysqltest.Pass
	})
	o.Replicas = []string{net.JoinHostPort(way.Host, strconv.Itoa(way.Port))}
	o.Logger = slog.New(f.log)
	f.Store = openMigrated(t, o)
	pair.CatchUp(t)
	f.log.await(t, inUse, 1)
	return f
}

// relaxed returns whether a read that may lag finds the user.
func (f *follower) relaxed(t *testing.T, id int64) bool {
	t.Helper()
	return found(t, f.Store, query.Relaxed(t.Context()), id)
}

func found(t *testing.T, s *store.Store, ctx context.Context, id int64) bool { //nolint:revive // the test comes first
	t.Helper()
	_, err := s.FindUser(ctx, id)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		t.Errorf("FindUser: %v", err)
	}
	return err == nil
}

// caughtUp is a user.Store whose reads come from a replica that has caught up with
// its writes.
type caughtUp struct {
	*follower

	pair    *mysqltest.Pair
	t       *testing.T
	written atomic.Bool
}

func (c *caughtUp) InTx(ctx context.Context, fn func(user.Tx) error) error {
	defer c.written.Store(true)
	return c.Store.InTx(ctx, fn)
}

func (c *caughtUp) catchUp() {
	if c.written.Swap(false) {
		c.pair.CatchUp(c.t)
	}
}

func (c *caughtUp) FindUser(ctx context.Context, id int64) (user.User, error) {
	c.catchUp()
	return c.Store.FindUser(query.Relaxed(ctx), id)
}

func (c *caughtUp) ListUsers(ctx context.Context, q user.Query, offset int64, limit int) ([]user.User, error) {
	c.catchUp()
	return c.Store.ListUsers(query.Relaxed(ctx), q, offset, limit)
}

func (c *caughtUp) CountUsers(ctx context.Context, q user.Query) (int64, error) {
	c.catchUp()
	return c.Store.CountUsers(query.Relaxed(ctx), q)
}

func (c *caughtUp) CountCreated(ctx context.Context, limits []time.Time) ([]int64, error) {
	c.catchUp()
	return c.Store.CountCreated(query.Relaxed(ctx), limits)
}

func (c *caughtUp) CountActiveUsers(ctx context.Context) (int64, error) {
	c.catchUp()
	return c.Store.CountActiveUsers(query.Relaxed(ctx))
}

// TestReplica_Suite runs the reads of the suite of user.Store at the replica.
func TestReplica_Suite(t *testing.T) {
	t.Parallel()
	pair := mysqltest.SharedPair(t)
	var reads atomic.Int64
	t.Cleanup(func() {
		if got := reads.Load(); got < 500 {
			t.Errorf("got %d reads at the replica, want those of the suite", got)
		}
	})
	storetest.RunReads(t, func(t *testing.T) user.Store {
		t.Helper()
		f := follow(t, pair, time.Hour, patience)
		t.Cleanup(func() {
			reads.Add(f.reads.Load())
			if n, _ := f.log.find(leftOut); n > 0 {
				t.Errorf("got log %q, want the replica in use all the time", f.log.lines)
			}
		})
		return &caughtUp{follower: f, pair: pair, t: t}
	})
}

// TestReplica_Where has a row that the replica alone has: it shows who was asked.
func TestReplica_Where(t *testing.T) {
	t.Parallel()
	pair := mysqltest.SharedPair(t)
	f := follow(t, pair, time.Hour, patience)
	first := insert(t, f.Store, "first")
	pair.CatchUp(t)
	database := mysqltest.Rows(t, pair.Primary.DB, "SELECT table_schema FROM information_schema.tables WHERE table_name = 't_users' AND table_schema = '"+f.database(t)+"'")[0]
	mysqltest.Exec(t, pair.Replica.DB, "INSERT INTO "+database+".t_users (id, username, email, is_active, created_at, updated_at)"+
		" VALUES (77, 'planted', 'planted@example.com', 1, '2026-11-23 12:00:00', '2026-11-23 12:00:00')")
	for _, c := range []struct {
		name string
		ctx  context.Context
		want int64
	}{
		{"by itself", t.Context(), 1},
		{"relaxed", query.Relaxed(t.Context()), 2},
		{"fresh again", query.Fresh(query.Relaxed(t.Context())), 1},
	} {
		if got := found(t, f.Store, c.ctx, 77); got != (c.want == 2) {
			t.Errorf("%s: found the planted row: %v", c.name, got)
		}
		if !found(t, f.Store, c.ctx, first) {
			t.Errorf("%s: the other row is missing", c.name)
		}
		if n, err := f.CountUsers(c.ctx, user.Query{}); err != nil || n != c.want {
			t.Errorf("%s: CountUsers: got %d, %v; want %d", c.name, n, err, c.want)
		}
		if users, err := f.ListUsers(c.ctx, user.Query{}, 0, 10); err != nil || int64(len(users)) != c.want {
			t.Errorf("%s: ListUsers: got %v, %v; want %d users", c.name, users, err, c.want)
		}
	}
	err := f.InTx(query.Relaxed(t.Context()), func(tx user.Tx) error {
		_, err := tx.FindUser(77)
		return err
	})
	wantKind(t, err, fault.NotFound)
}

// database names the store's database.
func (f *follower) database(t *testing.T) (name string) {
	t.Helper()
	err := f.InTx(t.Context(), func(tx user.Tx) error {
		name = ask(t, tx, "SELECT DATABASE()")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// TestReplica_Balance has two ways to the replica, of which one ends.
func TestReplica_Balance(t *testing.T) {
	t.Parallel()
	pair := mysqltest.SharedPair(t)
	o := mysql.WithLag(pair.NewDatabase(t), time.Hour, patience)
	o.Replicas = nil
	log := newLogged()
	o.Logger = slog.New(log)
	var reads [2]atomic.Int64
	var proxies [2]*mysqltest.Proxy
	for i := range proxies {
		p, way := mysqltest.NewProxy(t, mysql.Options{Host: "127.0.0.1", Port: pair.Replica.Port})
		p.Judge(func(command string) mysqltest.Verdict {
			if strings.Contains(command, "FROM t_users") {
				reads[i].Add(1)
			}
			return mysqltest.Pass
		})
		proxies[i] = p
		o.Replicas = append(o.Replicas, net.JoinHostPort(way.Host, strconv.Itoa(way.Port)))
	}
	s := openMigrated(t, o)
	pair.CatchUp(t)
	log.await(t, inUse, 2)
	look := func() {
		for range 50 {
			found(t, s, query.Relaxed(t.Context()), 1)
		}
	}
	look()
	first, second := reads[0].Load(), reads[1].Load()
	if first != 25 || second != 25 {
		t.Errorf("got %d and %d reads, want them in turn", first, second)
	}
	proxies[0].Stop(t)
	look()
	if got := reads[1].Load(); got < second+49 {
		t.Errorf("got %d reads after one replica had gone, want the other to answer", got-second)
	}
}

// TestReplica_LacksTable has a replica that got less than the primary has.
func TestReplica_LacksTable(t *testing.T) {
	t.Parallel()
	pair := mysqltest.SharedPair(t)
	f := follow(t, pair, time.Hour, patience)
	id := insert(t, f.Store, "a")
	pair.CatchUp(t)
	mysqltest.Exec(t, pair.Replica.DB, "RENAME TABLE "+f.database(t)+".t_users TO "+f.database(t)+".elsewhere")
	for range 10 {
		if !f.relaxed(t, id) {
			t.Error("the row is missing, want the primary's")
		}
	}
	if got := f.reads.Load(); got != 1 {
		t.Errorf("got %d reads at the replica, want no more after the first failed", got)
	}
	if n, _ := f.log.find(leftOut); n != 1 {
		t.Errorf("got log %q, want one line", f.log.lines)
	}
	mysqltest.Exec(t, pair.Replica.DB, "RENAME TABLE "+f.database(t)+".elsewhere TO "+f.database(t)+".t_users")
}

// TestReplica_FaultOfTheQuery has a query fail wherever it runs: that is not the replica's fault.
func TestReplica_FaultOfTheQuery(t *testing.T) {
	t.Parallel()
	pair := mysqltest.SharedPair(t)
	o := mysql.WithLag(pair.NewDatabase(t), time.Hour, patience)
	log := newLogged()
	o.Logger = slog.New(log)
	e, err := mysql.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	log.await(t, inUse, 1)
	runs := 0
	wantKind(t, e.Read(query.Relaxed(t.Context()), "nonsense", func(c sqldb.Conn) error {
		runs++
		return c.Query("SELECT nonsense", nil)
	}), fault.Internal)
	if n, _ := log.find(leftOut); n > 0 || runs != 2 {
		t.Errorf("got %d runs and the log %q, want the replica and the primary asked, and both in use", runs, log.lines)
	}
}

// TestReplica_Unfit has servers that cannot be replicas: one that does not know the
// user, one of a primary that names no transactions, one that is not there.
func TestReplica_Unfit(t *testing.T) {
	t.Parallel()
	pair := mysqltest.SharedPair(t)
	shared := mysqltest.NewDatabase(t)
	stranger := pair.NewDatabase(t)
	stranger.Replicas = []string{net.JoinHostPort(shared.Host, strconv.Itoa(shared.Port))}
	nameless := pair.NewDatabase(t)
	nameless.Port, nameless.Replicas = pair.Replica.Port, []string{pair.Primary.Address()}
	nowhere := pair.NewDatabase(t)
	nowhere.Replicas = []string{net.JoinHostPort("127.0.0.1", strconv.Itoa(closedPort(t)))}
	for why, o := range map[string]mysql.Options{"Access denied": stranger, "gtid_mode": nameless, "connection refused": nowhere} {
		log := newLogged()
		o.Logger = slog.New(log)
		s := openMigrated(t, mysql.WithLag(o, time.Hour, patience))
		log.await(t, why, 1)
		if id := insert(t, s, "a"); !found(t, s, query.Relaxed(t.Context()), id) {
			t.Errorf("%s: the row is missing, want the primary's", why)
		}
		if n, _ := log.find(leftOut); n != 1 {
			t.Errorf("%s: got log %q, want one line", why, log.lines)
		}
	}
}
