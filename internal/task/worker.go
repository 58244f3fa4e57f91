package task

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// The times of a worker. A killed worker's tasks run again after Lease, sweepEvery
// and pollEvery at the latest: 21 s, when another worker is there.
const (
	Lease      = 15 * time.Second // how long a task stays with a worker that says nothing
	renewEvery = 5 * time.Second
	sweepEvery = 5 * time.Second
	pollEvery  = time.Second
	// lookEvery is the least time between two looks that a broker causes, when the
	// first has found nothing: another worker was quicker.
	lookEvery = 10 * time.Millisecond
	dropEvery = time.Minute

	// stubborn is how long work may go on after it was told to end. Its lease is
	// not renewed any more then.
	stubborn = 30 * time.Second
	// sweepLimit is how many tasks are swept or dropped in one transaction.
	sweepLimit = 200
)

// Options are the settings of a worker.
type Options struct {
	Name        string        // for people: host and process
	Concurrency int           // tasks at once; 0: 4
	Queues      []string      // nil: all
	Broker      Broker        // nil: tasks that other processes store are found by looking
	Keep        time.Duration // how long done and canceled tasks are kept; 0: seven days
	Log         *slog.Logger
	Observer    Observer // nil: none
}

// Observer is told what a worker does. Its methods are called from many
// goroutines and return soon.
type Observer interface {
	// RunBegan returns the context that a run gets, and what is called with what
	// becomes of the task when it has ended.
	RunBegan(ctx context.Context, t Task) (context.Context, func(Outcome))
	// WorkerLost is told of a task whose worker was lost.
	WorkerLost(t Task)
}

// unobserved is an Observer that does nothing.
type unobserved struct{}

func (unobserved) RunBegan(ctx context.Context, _ Task) (context.Context, func(Outcome)) {
	return ctx, func(Outcome) {}
}
func (unobserved) WorkerLost(Task) {}

// Worker runs tasks. Any number of workers may run on the same storage.
type Worker struct {
	storage Storage
	kinds   *Registry
	options Options
	log     *slog.Logger
	lease   string
	started time.Time

	stopping chan struct{} // closed when no more tasks are claimed
	freed    chan struct{} // sent to when a task has ended
	claimer  sync.WaitGroup
	keeper   sync.WaitGroup
	jobs     sync.WaitGroup
	quit     context.CancelFunc // ends the upkeep
	stop     sync.Once

	mu     sync.Mutex
	at     map[int64]*Job       // under way, by task
	last   map[string]time.Time // the last start, by kind with a rate
	told   time.Time            // what the storage's clock said
	heard  time.Time            // and when, on this machine
	polled time.Time            // when the storage last answered a claim
}

// StartWorker begins to run tasks of those kinds. Stop ends it.
func StartWorker(storage Storage, kinds *Registry, o Options) *Worker {
	o.Concurrency = orElse(o.Concurrency, 4)
	o.Keep = orElse(o.Keep, 7*24*time.Hour)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Observer == nil {
		o.Observer = unobserved{}
	}
	ctx, quit := context.WithCancel(context.Background())
	w := &Worker{
		storage: storage, kinds: kinds, options: o, log: o.Log, lease: rand.Text(), started: time.Now(),
		stopping: make(chan struct{}), freed: make(chan struct{}, 1), quit: quit,
		at: make(map[int64]*Job), last: make(map[string]time.Time), told: time.Now(), heard: time.Now(), polled: time.Now(),
	}
	_ = w.follow(ctx) // keep does it again, and tells
	w.keeper.Go(func() { w.keep(ctx) })
	w.claimer.Go(w.run)
	return w
}

// Stop claims nothing more, waits for the tasks under way until ctx is done,
// then tells those that are left to end and gives them back, to be run again. It
// returns when nothing runs any more, or when work does not end that was told
// to; then the lease is left to run out. It may be called again.
func (w *Worker) Stop(ctx context.Context) {
	w.stop.Do(func() {
		close(w.stopping)
		w.claimer.Wait()
		if !w.idle(ctx) {
			w.each(func(j *Job) { j.cancel(errDraining) })
			patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewEvery)
			defer cancel()
			w.idle(patience)
		}
		w.quit()
		w.keeper.Wait()
		if err := w.storage.RemoveWorker(context.WithoutCancel(ctx), w.lease); err != nil {
			w.log.Warn("the worker could not sign off", "cause", err)
		}
	})
}

// idle waits for the tasks under way, and reports whether all ended before ctx
// was done.
func (w *Worker) idle(ctx context.Context) bool {
	ended := make(chan struct{})
	go func() {
		w.jobs.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return true
	case <-ctx.Done():
		return false
	}
}

// Check returns an error when the worker has not been able to look for tasks
// for half a minute. It is for a readiness probe.
func (w *Worker) Check(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.polled) > 2*Lease {
		return errDeaf
	}
	return nil
}

// run claims tasks until the worker stops: when one was stored here, or another
// process has said so, when one ended, and now and then.
func (w *Worker) run() {
	poll := time.NewTimer(0)
	defer poll.Stop()
	news := w.listen()
	var vain time.Time // when the last look that the broker caused found nothing
	owed := false      // the broker has told of tasks that were not looked for yet
	failing := failure{log: w.log, what: "tasks cannot be claimed"}
	for {
		select {
		case <-w.stopping:
			return
		case <-poll.C:
		case <-w.storage.Enqueued():
		case <-w.freed:
		case <-news:
			owed = true
			if wait := lookEvery - time.Since(vain); wait > 0 {
				poll.Reset(wait)
				continue
			}
		}
		taken, more, err := w.claim()
		failing.tell(err)
		if owed && taken == 0 {
			vain = time.Now()
		}
		owed = false
		pause := pollEvery
		if more && err == nil {
			pause = 0
		}
		poll.Reset(pause)
	}
}

// listen returns what a broker tells of tasks that other processes store.
func (w *Worker) listen() <-chan struct{} {
	if w.options.Broker == nil {
		return nil
	}
	return w.options.Broker.Listen(w.options.Queues)
}

// claim takes as many tasks as there is room for and starts them. It reports
// how many, and whether there may be more to take at once.
func (w *Worker) claim() (taken int, more bool, err error) {
	now := w.now()
	room, slots := w.room(now)
	if slots == 0 {
		return 0, false, nil
	}
	tasks, err := w.storage.ClaimTasks(context.Background(), Claim{
		Lease: w.lease, Worker: w.options.Name, Now: now, Until: now.Add(Lease),
		Limit: slots, Queues: w.options.Queues, Room: room,
	})
	if err != nil {
		return 0, false, err
	}
	w.mu.Lock()
	w.polled = time.Now()
	w.mu.Unlock()
	for _, t := range tasks {
		w.start(t, now)
	}
	return len(tasks), len(tasks) > 0 && len(tasks) < slots, nil
}

// room returns how many tasks of each kind, and of all, may start now.
func (w *Worker) room(now time.Time) (byKind map[string]int, all int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all = max(0, w.options.Concurrency-len(w.at))
	under := make(map[string]int)
	for _, j := range w.at {
		under[j.Task.Kind]++
	}
	byKind = make(map[string]int)
	for name, k := range w.kinds.kinds {
		n := all
		if k.Concurrency > 0 {
			n = min(n, k.Concurrency-under[name])
		}
		if k.Rate > 0 {
			n = min(n, 1)
			if now.Sub(w.last[name]) < k.Rate {
				n = 0
			}
		}
		if n > 0 {
			byKind[name] = n
		}
	}
	if len(byKind) == 0 {
		return nil, 0
	}
	return byKind, all
}

// now is the time as the storage has it. What passed since it told is measured,
// not read: a clock of this machine that is put forward or back ends no lease.
func (w *Worker) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.told.Add(time.Since(w.heard)).UTC().Truncate(time.Microsecond)
}

// each calls fn for every job under way.
func (w *Worker) each(fn func(*Job)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, j := range w.at {
		fn(j)
	}
}

// info is what others may know of the worker.
func (w *Worker) info(now time.Time) WorkerInfo {
	w.mu.Lock()
	defer w.mu.Unlock()
	return WorkerInfo{
		ID: w.lease, Name: w.options.Name, Queues: strings.Join(w.options.Queues, ","),
		Concurrency: w.options.Concurrency, Running: len(w.at),
		Started: w.started.UTC().Truncate(time.Microsecond), Seen: now,
	}
}
