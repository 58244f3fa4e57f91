package task

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Job is a run of a task, passed to the work. It is safe for concurrent use.
type Job struct {
	Task Task // as of the start of the run

	mu          sync.Mutex
	done, total int64
	noted       bool      // whether the progress is stored
	until       time.Time // end of the lease
	give        time.Time // when the worker abandons work that does not end
	cancel      context.CancelCauseFunc

	resting  bool
	rested   func()          // called when a rest begins
	stopping <-chan struct{} // closed when the worker is stopping

	pausing chan struct{} // closed when the run is to pause
	pause   func()        // closes it
}

// Pausing is closed when a person has paused the task. The work then ends as soon
// as it can without losing anything, by returning Later.
func (j *Job) Pausing() <-chan struct{} { return j.pausing }

// Rest waits, and leaves the slot of its worker to other tasks meanwhile. It
// returns early when the run is to pause, and with an error when it is to end. The
// lease remains.
func (j *Job) Rest(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	j.rest(true)
	defer j.rest(false)
	if j.rested != nil {
		j.rested()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-j.pausing:
		return ctx.Err()
	case <-j.stopping:
		j.cancel(errDraining)
		return errDraining
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (j *Job) rest(resting bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.resting = resting
}

func (j *Job) isResting() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.resting
}

// Progress reports that done of total is complete; a total of 0 means unknown.
// It is stored within about a second.
func (j *Job) Progress(done, total int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done, j.total, j.noted = done, total, false
}

// run returns the run and its progress, and whether the progress is new.
func (j *Job) run() (r Run, news bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	news = !j.noted
	j.noted = true
	return Run{ID: j.Task.ID, Number: j.Task.Runs, Done: j.done, Total: j.total}, news
}

// extend extends the lease until that time.
func (j *Job) extend(until time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.until = until
}

// leased reports whether the lease is valid at that time.
func (j *Job) leased(now time.Time) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return now.Before(j.until)
}

// Why a run was asked to end.
var (
	errCanceled = errors.New("canceled")
	errLost     = errors.New("the lease was lost")
	errDraining = errors.New("the worker is stopping")
)

// crashError is a panic of the work, or the exit of its goroutine.
type crashError struct {
	reason, stack string
}

func (c *crashError) Error() string { return c.reason }

// perform runs the work of a kind in a separate goroutine, which the work may
// exit, and waits for it. The error is a *crashError if it panicked or exited.
func (j *Job) perform(ctx context.Context, k Kind) (any, error) {
	type ending struct {
		result any
		err    error
	}
	ended := make(chan ending, 1)
	go func() {
		end := ending{err: &crashError{reason: "the work ended its goroutine"}}
		defer func() {
			if p := recover(); p != nil {
				end.err = &crashError{reason: fmt.Sprintf("panic: %v", p), stack: string(debug.Stack())}
			}
			ended <- end
		}()
		end.result, end.err = k.run(ctx, j, j.Task.Args)
	}()
	end := <-ended
	return end.result, end.err
}
