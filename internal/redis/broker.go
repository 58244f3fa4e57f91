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
	// beatEvery is how often a process says that it is there, and expects to hear
	// itself: a connection that only seems to live is found within two beats.
	beatEvery = 5 * time.Second
	// gap is the least time between two messages of a process. A task that is
	// stored alone is announced at once.
	gap = 5 * time.Millisecond
	// maxQueues is how many queues are noted by name until they are published.
	maxQueues = 100

	minPause = 100 * time.Millisecond // before it is connected to again
	maxPause = 2 * time.Second
)

var (
	errDeaf       = errors.New("what is published does not arrive")
	errConnecting = errors.New("not connected yet")
)

// Broker is a task.Broker. It connects by itself, again and again while Redis is
// away, and says to the log once when it is lost and when it is back.
type Broker struct {
	options Options
	name    string // of this process
	log     *slog.Logger
	cancel  context.CancelFunc
	done    sync.WaitGroup

	noted chan struct{} // holds a token while there is something to publish
	echo  chan struct{} // holds a token when a message of this process has arrived

	mu      sync.Mutex
	queues  map[string]struct{} // to be published
	ears    []ear
	trouble error // why it does not work; nil when it does
	told    string
}

// ear is a worker that listens.
type ear struct {
	queues []string
	news   chan struct{}
}

// Start begins to connect, and returns at once. Close ends it.
func Start(o Options, log *slog.Logger) *Broker {
	ctx, cancel := context.WithCancel(context.Background())
	b := &Broker{
		options: o, name: rand.Text(), log: log, cancel: cancel, trouble: errConnecting,
		noted: make(chan struct{}, 1), echo: make(chan struct{}, 1), queues: make(map[string]struct{}),
	}
	b.done.Go(func() { b.run(ctx) })
	return b
}

// Close cuts the connections. What was announced just before may be lost. It may
// be called again.
func (b *Broker) Close() {
	b.cancel()
	b.done.Wait()
}

// Check returns why other processes are not told of tasks, nil when they are.
// It answers at once, with what was the case a few seconds ago at most.
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

// poke leaves a token in a channel of one.
func poke(tokens chan struct{}) {
	select {
	case tokens <- struct{}{}:
	default:
	}
}

// hear passes a message on to the workers that it concerns.
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

// run keeps a session going until ctx is done.
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

// note keeps how it goes, and tells when that changes.
func (b *Broker) note(err error) {
	text := ""
	if err != nil {
		err = b.options.explain(err)
		text = err.Error()
	}
	b.mu.Lock()
	changed := text != b.told
	first := b.told == "" && errors.Is(b.trouble, errConnecting)
	b.trouble, b.told = err, text
	b.mu.Unlock()
	switch {
	case err != nil && changed:
		b.log.Error("new tasks are not announced; workers look for them once a second", "cause", text)
	case err == nil && (changed || first):
		b.log.Info("new tasks are announced", "by", b.options.String())
	}
}

// session connects, subscribes, and publishes until something fails or ctx is
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
		cancel() // first, so that nothing waits for a server that says nothing
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

// publish publishes what is announced, and a sign of life now and then.
func (b *Broker) publish(ctx context.Context, l line, failed <-chan error) error {
	beats := time.NewTicker(beatEvery)
	defer beats.Stop()
	select {
	case <-b.echo: // of the last session
	default:
	}
	heard := true // since the last beat
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

// take returns what is to be published.
func (b *Broker) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	queues := slices.Sorted(maps.Keys(b.queues))
	clear(b.queues)
	return queues
}
