package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"roster/internal/task"
)

var _ task.Broker = (*Broker)(nil)

const (
	// beatEvery is the interval of heartbeats, which a process expects to
	// receive itself: a half-open connection is detected within two beats.
	beatEvery = 5 * time.Second
	// gap is the minimum time between two messages of a process. A single task
	// is announced at once.
	gap = 5 * time.Millisecond
	// maxQueues is the maximum number of pending queue names.
	maxQueues = 100

	minPause = 100 * time.Millisecond // before reconnecting
	maxPause = 2 * time.Second
)

var (
	errDeaf       = errors.New("published messages do not arrive")
	errConnecting = errors.New("not connected yet")
)

// Broker is a task.Broker. It reconnects while Redis is down, and logs once when
// the connection is lost and when it is restored.
type Broker struct {
	options Options
	name    string // identifies this process
	log     *slog.Logger
	cancel  context.CancelFunc
	done    sync.WaitGroup

	noted chan struct{} // holds a token if something is pending
	echo  chan struct{} // holds a token if our own message has arrived

	mu      sync.Mutex
	queues  map[string]struct{} // pending
	ears    []ear
	trouble error // current error; nil if it works
	logged  string
}

// ear is a listening worker.
type ear struct {
	queues []string
	news   chan struct{}
}

// Start starts connecting, and returns immediately. Call Close when done.
func Start(o Options, log *slog.Logger) *Broker {
	ctx, cancel := context.WithCancel(context.Background())
	b := &Broker{
		options: o, name: rand.Text(), log: log, cancel: cancel, trouble: errConnecting,
		noted: make(chan struct{}, 1), echo: make(chan struct{}, 1), queues: make(map[string]struct{}),
	}
	b.done.Go(func() { b.run(ctx) })
	return b
}

// Close closes the connections. Recent announcements may be lost. It may be
// called repeatedly.
func (b *Broker) Close() {
	b.cancel()
	b.done.Wait()
}

// Check returns why other processes are not notified of tasks, nil if they are.
// It returns immediately, with a state at most a few seconds old.
func (b *Broker) Check(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.trouble
}

// Announce implements task.Broker.
func (b *Broker) Announce(queues []string) {
	b.mu.Lock()
	for _, q := range queues {
		b.queues[q] = struct{}{}
	}
	if len(b.queues) > maxQueues {
		b.queues = map[string]struct{}{anyQueue: {}}
	}
	b.mu.Unlock()
	poke(b.noted)
}

// Listen implements task.Broker.
func (b *Broker) Listen(queues []string) <-chan struct{} {
	news := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ears = append(b.ears, ear{queues, news})
	return news
}

// poke leaves a token in a channel of capacity one.
func poke(tokens chan struct{}) {
	select {
	case tokens <- struct{}{}:
	default:
	}
}

// hear forwards a message to the workers that it concerns.
func (b *Broker) hear(m message) {
	if m.From == b.name {
		poke(b.echo)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.ears {
		if m.concerns(e.queues) {
			poke(e.news)
		}
	}
}

// run keeps a session open until ctx is done.
func (b *Broker) run(ctx context.Context) {
	pause := minPause
	for {
		begin := time.Now()
		err := b.session(ctx)
		if ctx.Err() != nil {
			return
		}
		b.note(err)
		if time.Since(begin) > 2*beatEvery {
			pause = minPause
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, maxPause)
	}
}

// note stores the state, and logs changes.
func (b *Broker) note(err error) {
	text := ""
	if err != nil {
		err = b.options.explain(err)
		text = err.Error()
	}
	b.mu.Lock()
	changed := text != b.logged
	first := b.logged == "" && errors.Is(b.trouble, errConnecting)
	b.trouble, b.logged = err, text
	b.mu.Unlock()
	switch {
	case err != nil && changed:
		b.log.Error("new tasks are not announced; workers poll once a second", "cause", text)
	case err == nil && (changed || first):
		b.log.Info("new tasks are announced", "by", b.options.String())
	}
}

// session connects, subscribes, and publishes until an error occurs or ctx is
// done.
func (b *Broker) session(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	client, err := connect(ctx, b.options)
	if err != nil {
		cancel()
		return err
	}
	l := line{client: client, channel: b.options.channel()}
	var listening sync.WaitGroup
	defer func() {
		cancel() // first, so that nothing waits for an unresponsive server
		client.Close()
		listening.Wait()
	}()
	subscribed, failed := make(chan struct{}, 1), make(chan error, 1)
	listening.Go(func() { failed <- l.subscribe(ctx, subscribed, b.hear) })
	select {
	case err := <-failed:
		return err
	case <-subscribed:
		return b.publish(ctx, l, failed)
	case <-time.After(answerLimit):
		return context.DeadlineExceeded
	}
}

// publish publishes announcements, and heartbeats.
func (b *Broker) publish(ctx context.Context, l line, failed <-chan error) error {
	beats := time.NewTicker(beatEvery)
	defer beats.Stop()
	select {
	case <-b.echo: // from the previous session
	default:
	}
	heard := true // since the last heartbeat
	next := message{From: b.name}
	for {
		if err := l.publish(ctx, next); err != nil {
			return err
		}
		rest := time.After(gap)
		next.Queues = nil
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case err := <-failed:
				return err
			case <-b.echo:
				heard = true
				b.note(nil)
			case <-beats.C:
				if !heard {
					return errDeaf
				}
				heard, waiting = false, false
			case <-b.noted:
				<-rest
				next.Queues, waiting = b.take(), false
			}
		}
	}
}

// take returns and clears the pending queues.
func (b *Broker) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	queues := slices.Sorted(maps.Keys(b.queues))
	clear(b.queues)
	return queues
}
