// Command bench measures a server against a floor, in the same run. It builds
// the release binary, fills a database, and prints ratios; floor and server
// take turns in rounds, and the median of the rounds' ratios counts, so that a
// noisy machine disturbs both alike.
//
// On SQLite the floor of reading is what the same machine, the same client and
// the same bytes allow when nothing is done but answering: a bare net/http
// handler. The floor of creating is a loop that inserts one row a commit. On
// MySQL, which the server talks to over a network too, the floor is the
// statement itself: prepared, run through database/sql by as many clients, its
// rows read. A page needs two, the rows and the total. The floor of a task that
// does nothing is a row that is inserted, updated and deleted, each a commit; a
// bare XADD, XREADGROUP and XACK show what a queue in Redis alone would do.
//
// Lists of the admin site are asked for one after the other; their floor is a
// bare handler that sends the same bytes. -users 1000000 -only admin shows what a
// million users cost.
//
//	TEST_MYSQL_DSN='root@tcp(127.0.0.1:13316)/' TEST_REDIS_URL=redis://127.0.0.1:13379/0 go run -tags mattn,fts5 ./bench [-users 100000] [-rounds 7] [-for 700ms] [-only users]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

// options are the size of a run.
type options struct {
	users    int
	rounds   int
	duration time.Duration // of one side of one round
	clients  int           // connections of the reading client
	only     string        // "users", "admin", "credentials" or "tasks"; "" for all
}

func main() {
	var o options
	flag.IntVar(&o.users, "users", 100_000, "rows in the table")
	flag.IntVar(&o.rounds, "rounds", 7, "rounds of each measurement")
	flag.DurationVar(&o.duration, "for", 700*time.Millisecond, "length of each side of a round")
	flag.IntVar(&o.clients, "clients", 8, "connections that read at once")
	flag.StringVar(&o.only, "only", "", "measure nothing but users, admin (the lists of the admin site), credentials or tasks")
	floor := flag.Bool("floor", false, "serve the standard input as the floor does")
	flag.Parse()
	work := func(ctx context.Context) error { return run(ctx, o) }
	if *floor {
		work = serveFloor
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := work(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	if !slices.Contains([]string{"", "users", "admin", "credentials", "tasks"}, o.only) {
		return fmt.Errorf("-only: %q is not users, admin, credentials or tasks", o.only)
	}
	if o.users < 2*pageSize {
		return fmt.Errorf("-users: at least %d are needed", 2*pageSize)
	}
	dir, err := os.MkdirTemp("", "roster-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, err := build(ctx, dir)
	if err != nil {
		return err
	}
	engines := []engine{newSQLite(dir)}
	if dsn := os.Getenv("TEST_MYSQL_DSN"); dsn == "" || dsn == "none" {
		fmt.Println("SQLite alone: TEST_MYSQL_DSN names no MySQL server. make bench starts one.")
	} else {
		database, err := newMySQL(ctx, dsn)
		if err != nil {
			return fmt.Errorf("TEST_MYSQL_DSN: %w", err)
		}
		engines = append(engines, database)
	}
	return compare(ctx, binary, dir, engines, o)
}
