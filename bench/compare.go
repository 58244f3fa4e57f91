package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"roster/internal/store"
)

// engine is a database that Roster runs on.
type engine interface {
	name() string
	settings() []string
	seed(ctx context.Context, users int) error
	readFloor(ctx context.Context, server *server, r read, o options) (side, error)
	createFloor(ctx context.Context, clients int, o options) (side, error)
	commitFloor(ctx context.Context, clients int, o options) (side, error)
	store(ctx context.Context) (*store.Store, error)
	close() error
}

// contest is a server on an engine, which is compared with the engine's floors.
type contest struct {
	engine

	server *server
	o      options
}

// compare prints a table with a line for each request and columns for each engine.
func compare(ctx context.Context, binary, dir string, engines []engine, o options) (err error) {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	var contests []contest
	for _, e := range engines {
		defer func() { err = errors.Join(err, e.close()) }()
		server, err := prepare(ctx, binary, environment(e, dir), e, o.users)
		if err != nil {
			return fmt.Errorf("%s: %w", e.name(), err)
		}
		defer server.stop()
		contests = append(contests, contest{e, server, o})
		fmt.Printf("%s: %d users; ready after %d ms; %.0f MiB at rest\n", e.name(), o.users, server.ready.Milliseconds(), server.memory())
		fmt.Fprintf(table, "\t%s/s\tfloor/s\tratio\tmin\tmax", e.name())
	}
	fmt.Fprintln(table, "\t")
	for _, part := range []struct {
		name    string
		compare func() error
	}{
		{"admin", func() error { return compareAdmin(ctx, binary, dir, contests) }},
		{"users", func() error { return compareUsers(ctx, table, contests, o) }},
		{"credentials", func() error { return compareCredentials(ctx, binary, dir, table, contests) }},
		{"tasks", func() error { return compareTasks(ctx, table, contests) }},
	} {
		if o.only == "" || o.only == part.name {
			if err := part.compare(); err != nil {
				return err
			}
		}
	}
	fmt.Println()
	return table.Flush()
}

// compareAdmin prints how long the lists of the admin site take.
func compareAdmin(ctx context.Context, binary, dir string, contests []contest) error {
	for _, c := range contests {
		if err := c.admin(ctx, binary, environment(c.engine, dir)); err != nil {
			return fmt.Errorf("%s: %w", c.name(), err)
		}
	}
	return nil
}

// compareUsers adds the lines of users that are read and created.
func compareUsers(ctx context.Context, table *tabwriter.Writer, contests []contest, o options) error {
	for _, r := range reads(o.users) {
		if err := printLine(table, r.name, contests, func(c contest) (result, error) { return c.read(ctx, r) }); err != nil {
			return err
		}
	}
	for _, clients := range []int{1, 64} {
		name := fmt.Sprintf("create, %d clients", clients)
		if err := printLine(table, name, contests, func(c contest) (result, error) { return c.create(ctx, clients) }); err != nil {
			return err
		}
	}
	return nil
}

// compareTasks adds the lines of background tasks, and prints how long they wait.
func compareTasks(ctx context.Context, table *tabwriter.Writer, contests []contest) error {
	redisAt, err := redisAddress()
	if err != nil {
		return err
	}
	if err := printLine(table, "no-op task", contests, func(c contest) (result, error) { return c.rateOf(ctx, c.alone) }); err != nil {
		return err
	}
	if redisAt == "" {
		fmt.Println("Without Redis: TEST_REDIS_URL names none. make bench starts one.")
	} else {
		far := func(c contest) (result, error) {
			return c.rateOf(ctx, func(ctx context.Context) (*bond, error) { return c.apart(ctx, redisAt) })
		}
		if err := printLine(table, "no-op task of another process, notified by Redis", contests, far); err != nil {
			return err
		}
		if err := streamFloor(ctx, redisAt, contests[0].o); err != nil {
			return err
		}
	}
	for _, c := range contests {
		if err := c.pickUps(ctx, redisAt); err != nil {
			return err
		}
	}
	return nil
}

func (c contest) rateOf(ctx context.Context, join func(context.Context) (*bond, error)) (result, error) {
	b, err := join(ctx)
	if err != nil {
		return result{}, err
	}
	return c.taskRate(ctx, b)
}

// prepare fills the engine's database and starts a server on it.
func prepare(ctx context.Context, binary string, environ []string, e engine, users int) (*server, error) {
	if err := migrate(ctx, binary, environ); err != nil {
		return nil, err
	}
	if err := e.seed(ctx, users); err != nil {
		return nil, err
	}
	return startServer(ctx, binary, environ)
}

func printLine(table *tabwriter.Writer, name string, contests []contest, run func(contest) (result, error)) error {
	fmt.Fprint(table, name)
	for _, c := range contests {
		r, err := run(c)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", c.name(), name, err)
		}
		fmt.Fprintf(table, "\t%.0f\t%.0f\t%.2f\t%.2f\t%.2f", r.roster, r.floor, r.ratio, r.least, r.greatest)
	}
	fmt.Fprintln(table, "\t")
	return nil
}

func (c contest) read(ctx context.Context, r read) (result, error) {
	ctx, cancel := context.WithCancel(ctx) // ends the floor
	defer cancel()
	floor, err := c.readFloor(ctx, c.server, r, c.o)
	if err != nil {
		return result{}, err
	}
	return measure(c.o.rounds, rosterReads(ctx, c.server.address, r, c.o), floor)
}

func (c contest) create(ctx context.Context, clients int) (result, error) {
	floor, err := c.createFloor(ctx, clients, c.o)
	if err != nil {
		return result{}, err
	}
	return measure(c.o.rounds, rosterCreates(ctx, c.server.address, clients, c.o), floor)
}
