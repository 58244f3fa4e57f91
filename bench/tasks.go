package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
	return db.Tasks().InTaskTx(ctx, func(tx task.Tx) error {
		_, err := tx.Enqueue(n)
		return err
	})
}

// taskRate compares tasks that do nothing, each stored, claimed and finished,
// with as many times three commits.
func (c contest) taskRate(ctx context.Context) (r result, err error) {
	db, err := c.store(ctx)
	if err != nil {
		return result{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	floor, err := c.commitFloor(ctx, taskClients, c.o)
	if err != nil {
		return result{}, err
	}
	work := idle{make(chan time.Time, 1<<20)}
	k := work.kind()
	worker := task.StartWorker(db.Tasks(), task.NewRegistry(k), task.Options{Name: "bench", Concurrency: taskClients})
	defer worker.Stop(ctx)
	return measure(c.o.rounds, func() (float64, error) {
		var stored atomic.Int64
		start := time.Now()
		_, err := repeat(taskClients, c.o.duration, func(int, int) error {
			stored.Add(1)
			return enqueue(ctx, db, k)
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

// pickUp prints how long a task waits for an idle worker of the process that
// stored it, from the commit on.
func (c contest) pickUp(ctx context.Context) (err error) {
	const samples = 500
	db, err := c.store(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	work := idle{make(chan time.Time, 1)}
	k := work.kind()
	worker := task.StartWorker(db.Tasks(), task.NewRegistry(k), task.Options{Name: "bench", Concurrency: taskClients})
	defer worker.Stop(ctx)
	var waits []time.Duration
	for range samples {
		if err := enqueue(ctx, db, k); err != nil {
			return err
		}
		committed := time.Now()
		waits = append(waits, max(0, (<-work.begun).Sub(committed)))
	}
	slices.Sort(waits)
	_, err = fmt.Printf("%s: a task is picked up after %s (p50), %s (p99)\n", c.name(),
		waits[samples/2].Round(10*time.Microsecond), waits[samples*99/100].Round(10*time.Microsecond))
	return err
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
