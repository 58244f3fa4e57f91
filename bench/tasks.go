package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"roster/internal/store"
	"roster/internal/task"
)

// taskClients is how many store tasks at once, and how many a worker runs.
const taskClients = 8

// idle is a kind that the server's own worker does not know, so that only the
// one in this process runs it.
type idle struct{ begun chan time.Time }

func (i idle) kind() task.Kind {
	return task.Define(task.Kind{Name: "bench", Version: 1}, func(context.Context, *task.Job, struct{}) (any, error) {
		i.begun <- time.Now()
		return nil, nil
	})
}

// enqueue stores a task in a transaction of its own.
func enqueue(ctx context.Context, db *store.Store, k task.Kind) error {
	n, err := k.New(time.Now(), "bench", nil)
	if err != nil {
		return err
	}
	return db.InTaskTx(ctx, func(tx task.Tx) error {
		_, err := tx.Enqueue(n)
		return err
	})
}

// bond is a process that stores tasks and one that runs them, or one that does both.
type bond struct {
	here, there *store.Store // the same where one process does both
	listens     task.Broker  // of the one that runs them; nil: it looks once a second
	ends        []func() error
}

// alone is one process.
func (c contest) alone(ctx context.Context) (*bond, error) {
	db, err := c.store(ctx)
	if err != nil {
		return nil, err
	}
	return &bond{here: db, there: db, ends: []func() error{db.Close}}, nil
}

// apart is two processes; Redis notifies one of what the other stores, if
// there is one.
func (c contest) apart(ctx context.Context, redisAt string) (*bond, error) {
	b, err := c.alone(ctx)
	if err != nil {
		return nil, err
	}
	there, err := c.store(ctx)
	if err != nil {
		return nil, errors.Join(err, b.end())
	}
	b.there, b.ends = there, append(b.ends, there.Close)
	if redisAt == "" {
		return b, nil
	}
	announcer, err := broker(ctx, redisAt)
	if err != nil {
		return nil, errors.Join(err, b.end())
	}
	b.ends = append(b.ends, func() error { announcer.Close(); return nil })
	listens, err := broker(ctx, redisAt)
	if err != nil {
		return nil, errors.Join(err, b.end())
	}
	b.ends = append(b.ends, func() error { listens.Close(); return nil })
	b.here.OnEnqueue(announcer.Announce)
	b.listens = listens
	return b, nil
}

// end lets go of all, the last first.
func (b *bond) end() (err error) {
	for _, end := range slices.Backward(b.ends) {
		err = errors.Join(err, end())
	}
	return err
}

// work starts a worker that runs the kind.
func (b *bond) work(k task.Kind) *task.Worker {
	return task.StartWorker(b.there, task.NewRegistry(k), task.Options{Name: "bench", Concurrency: taskClients, Broker: b.listens})
}

// taskRate compares tasks that do nothing, each stored, claimed and finished,
// with as many times three commits.
func (c contest) taskRate(ctx context.Context, b *bond) (r result, err error) {
	defer func() { err = errors.Join(err, b.end()) }()
	floor, err := c.commitFloor(ctx, taskClients, c.o)
	if err != nil {
		return result{}, err
	}
	work := idle{make(chan time.Time, 1<<20)}
	k := work.kind()
	worker := b.work(k)
	defer worker.Stop(ctx)
	return measure(c.o.rounds, func() (float64, error) {
		var stored atomic.Int64
		start := time.Now()
		_, err := repeat(taskClients, c.o.duration, func(int, int) error {
			stored.Add(1)
			return enqueue(ctx, b.here, k)
		})
		if err != nil {
			return 0, err
		}
		for range stored.Load() {
			<-work.begun
		}
		return float64(stored.Load()) / time.Since(start).Seconds(), nil
	}, floor)
}

// pickUp prints how long a task waits for an idle worker, from the commit on.
func (c contest) pickUp(ctx context.Context, b *bond, by string, samples int) (err error) {
	defer func() { err = errors.Join(err, b.end()) }()
	work := idle{make(chan time.Time, 1)}
	k := work.kind()
	worker := b.work(k)
	defer worker.Stop(ctx)
	var waits []time.Duration
	for n := range samples + 10 {
		time.Sleep(10*time.Millisecond + rand.N(10*time.Millisecond)) // the worker is idle then, in no step with this
		if err := enqueue(ctx, b.here, k); err != nil {
			return err
		}
		committed := time.Now()
		wait := max(0, (<-work.begun).Sub(committed))
		if n >= 10 { // the first open connections
			waits = append(waits, wait)
		}
	}
	_, err = fmt.Printf("%s: a task is picked up %s after %s\n", c.name(), by, spread(waits))
	return err
}

// pickUps prints how long tasks wait with each broker.
func (c contest) pickUps(ctx context.Context, redisAt string) error {
	type way struct {
		by      string
		samples int
		bond    func() (*bond, error)
	}
	ways := []way{
		{"by the process that stored it", 500, func() (*bond, error) { return c.alone(ctx) }},
		{"by another, which looks once a second,", 20, func() (*bond, error) { return c.apart(ctx, "") }},
	}
	if redisAt != "" {
		ways = append(ways, way{"by another, notified by Redis,", 500, func() (*bond, error) { return c.apart(ctx, redisAt) }})
	}
	for _, one := range ways {
		b, err := one.bond()
		if err != nil {
			return err
		}
		if err := c.pickUp(ctx, b, one.by, one.samples); err != nil {
			return err
		}
	}
	return nil
}

// spread shows the median and the slowest of a hundred.
func spread(waits []time.Duration) string {
	slices.Sort(waits)
	return fmt.Sprintf("%s (p50), %s (p99)", waits[len(waits)/2].Round(10*time.Microsecond), waits[len(waits)*99/100].Round(10*time.Microsecond))
}

// commits has clients insert, update and delete a row of their own, each
// statement a commit.
func commits(ctx context.Context, db *sql.DB, clients int, duration time.Duration) (side, error) {
	if _, err := db.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS bench_floor (id BIGINT PRIMARY KEY, state VARCHAR(10), content VARCHAR(200))"); err != nil {
		return nil, err
	}
	return func() (float64, error) {
		run := time.Now().UnixNano()
		return repeat(clients, duration, func(client, n int) error {
			id := run + int64(client)<<32 + int64(n)
			for _, statement := range []string{
				"INSERT INTO bench_floor (id, state, content) VALUES (?, 'pending', '{}')",
				"UPDATE bench_floor SET state = 'running' WHERE id = ?",
				"DELETE FROM bench_floor WHERE id = ?",
			} {
				if _, err := db.ExecContext(ctx, statement, id); err != nil {
					return err
				}
			}
			return nil
		})
	}, nil
}
