package task

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// The intervals of a worker. If another worker is running, a killed worker's
// tasks run again after at most Lease, sweepEvery and pollEvery: 21 s.
const (
	Lease      = 15 * time.Second // how long an unresponsive worker keeps a task
	renewEvery = 5 * time.Second
	sweepEvery = 5 * time.Second
	pollEvery  = time.Second
	// lookEvery is the minimum interval between polls caused by a broker if the
	// first one found nothing because another worker was faster.
	lookEvery   = 10 * time.Millisecond
	unparkEvery = time.Minute

	// stubborn is how long work may continue after it was asked to end. Its
	// lease is no longer renewed then.
	stubborn = 30 * time.Second
	// maxResting is the maximum number of resting tasks of a kind per process.
	maxResting = 64
	// sweepLimit is the maximum number of tasks swept per
	// transaction.
	sweepLimit = 200
)

// Options configure a worker.
type Options struct {
	Name        string        // display name: host and process
	Concurrency int           // concurrent tasks; 0: 4
	Queues      []string      // nil: all
	Lease       time.Duration // how long the worker keeps a task without a sign of life; 0: the constant Lease
	Broker      Broker        // nil: tasks of other processes are found by polling
	Log         *slog.Logger
	Observer    Observer // nil: none
}

// Observer observes a worker. Its methods are called concurrently and must
// return soon.
type Observer interface {
	// RunBegan returns the context for a run, and a function that is called
	// with its outcome.
	RunBegan(ctx context.Context, t Task) (context.Context, func(Outcome))
	// WorkerLost is called for a task whose worker was lost.
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

	stopping chan struct{} // closed when the worker is stopping claiming
	freed    chan struct{} // receives a value when a task has ended or rests
	claimer  sync.WaitGroup
	keeper   sync.WaitGroup
	jobs     sync.WaitGroup
	quit     context.CancelFunc // stops the upkeep
	stop     sync.Once

	mu     sync.Mutex
	at     map[int64]*Job       // running, by task id
	last   map[string]time.Time // last start, by kind with a rate
	read   time.Time            // time on the storage's clock
	heard  time.Time            // when it was read, on this machine's clock
	polled time.Time            // when the storage last answered a claim
}

// StartWorker starts a worker for tasks of those kinds. Call Stop to end it.
func StartWorker(storage Storage, kinds *Registry, o Options) *Worker {
	o.Concurrency, o.Lease = orElse(o.Concurrency, 4), orElse(o.Lease, Lease)
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
		at: make(map[int64]*Job), last: make(map[string]time.Time), read: time.Now(), heard: time.Now(), polled: time.Now(),
	}
	_ = w.follow(ctx) // keep retries, and logs errors
	w.keeper.Go(func() { w.keep(ctx) })
	w.claimer.Go(w.run)
	return w
}

// Stop stops claiming, waits for running tasks until ctx is done, then asks the
// remaining ones to end and releases them to run again. It returns when nothing
// is running, or when work that was asked to end does not; its lease then
// expires. It may be called repeatedly.
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
			w.log.Warn("the worker could not deregister", "cause", err)
		}
	})
}

// idle waits for running tasks, and reports whether all ended before ctx was
// done.
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

// Check returns an error if the worker has not been able to poll for half a
// minute, for a readiness probe.
func (w *Worker) Check(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.polled) > 2*Lease {
		return errDeaf
	}
	return nil
}

// run claims tasks until the worker is stopping: when a task was stored here or
// announced by another process, when one ended, and periodically.
func (w *Worker) run() {
	poll := time.NewTimer(0)
	defer poll.Stop()
	news := w.listen()
	var vain time.Time // when the last poll caused by the broker found nothing
	owed := false      // the broker has announced tasks that were not polled for yet
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
		if w.isStopping() { // the select may have chosen another case
			return
		}
		taken, more, err := w.claim()
		failing.report(err)
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

func (w *Worker) isStopping() bool {
	select {
	case <-w.stopping:
		return true
	default:
		return false
	}
}

// listen returns the broker's notifications.
func (w *Worker) listen() <-chan struct{} {
	if w.options.Broker == nil {
		return nil
	}
	return w.options.Broker.Listen(w.options.Queues)
}

// claim claims and starts as many tasks as there is capacity for. It returns
// their number, and whether more may be claimable.
func (w *Worker) claim() (taken int, more bool, err error) {
	now := w.now()
	room, slots := w.room(now)
	if slots == 0 {
		return 0, false, nil
	}
	tasks, err := w.storage.ClaimTasks(context.Background(), Claim{
		Lease: w.lease, Worker: w.options.Name, Now: now, Until: now.Add(w.options.Lease),
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

// room returns how many tasks of each kind, and in total, may start now.
func (w *Worker) room(now time.Time) (byKind map[string]int, all int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	under, resting := make(map[string]int), make(map[string]int)
	all = w.options.Concurrency
	for _, j := range w.at {
		if j.isResting() {
			resting[j.Task.Kind]++
			continue
		}
		under[j.Task.Kind]++
		all--
	}
	all = max(0, all)
	byKind = make(map[string]int)
	for name, k := range w.kinds.kinds {
		n := min(all, maxResting-resting[name])
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

// now returns the time on the storage's clock. The time since it was read is
// measured monotonically: clock changes on this machine do not affect leases.
func (w *Worker) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.read.Add(time.Since(w.heard)).UTC().Truncate(time.Microsecond)
}

// each calls fn for every running job.
func (w *Worker) each(fn func(*Job)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, j := range w.at {
		fn(j)
	}
}

// info describes the worker to others.
func (w *Worker) info(now time.Time) WorkerInfo {
	w.mu.Lock()
	defer w.mu.Unlock()
	running := 0
	for _, j := range w.at {
		if !j.isResting() {
			running++
		}
	}
	return WorkerInfo{
		ID: w.lease, Name: w.options.Name, Queues: strings.Join(w.options.Queues, ","),
		Concurrency: w.options.Concurrency, Running: running,
		Started: w.started.UTC().Truncate(time.Microsecond), Seen: now,
	}
}
