// Command bench measures a server against the floor: what the same machine,
// the same client and the same bytes allow when nothing is done but answering.
// It builds the release binary, fills a database, and prints ratios; floor and
// server take turns in rounds, and the median of the rounds' ratios counts, so
// that a noisy machine disturbs both alike.
//
//	go run -tags sqlite_fts5 ./bench [-users 100000] [-rounds 7] [-for 700ms]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"
)

// options are the size of a run.
type options struct {
	users    int
	rounds   int
	duration time.Duration // of one side of one round
	clients  int           // connections of the reading client
}

func main() {
	var o options
	flag.IntVar(&o.users, "users", 100_000, "rows in the table")
	flag.IntVar(&o.rounds, "rounds", 7, "rounds of each measurement")
	flag.DurationVar(&o.duration, "for", 700*time.Millisecond, "length of each side of a round")
	flag.IntVar(&o.clients, "clients", 8, "connections that read at once")
	floor := flag.Bool("floor", false, "serve the standard input as the floor does")
	flag.Parse()
	work := func(ctx context.Context) error { return run(ctx, o) }
	if *floor {
		work = serveFloor
	}
	if err := work(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "roster-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, err := build(ctx, dir)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "db.sqlite3")
	if err := migrate(ctx, binary, path); err != nil {
		return err
	}
	if err := seed(ctx, path, o.users); err != nil {
		return err
	}
	server, err := startServer(ctx, binary, path)
	if err != nil {
		return err
	}
	defer server.stop()
	fmt.Printf("%d users; ready after %d ms; %.0f MiB at rest\n\n", o.users, server.ready.Milliseconds(), server.memory())
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\troster/s\tfloor/s\tratio\tmin\tmax\t")
	if err := benchReads(ctx, table, server.address, o); err != nil {
		return err
	}
	if err := benchCreates(ctx, table, server.address, dir, o); err != nil {
		return err
	}
	return table.Flush()
}
