package logging

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"time"
)

// outlet writes lines to one sink, in a goroutine of its own, so that a sink
// that stalls holds up no other. The spool's mutex guards its fields.
type outlet struct {
	*sink // for the goroutine alone, but for what never changes

	spool *spool
	work  sync.Cond     // there are lines to write, or the spool was closed
	hurry chan struct{} // holds a token when the goroutine is not to rest

	waiting  []byte
	appended uint64 // lines
	written  uint64 // lines, also those that a failing sink lost
	dropped  uint64 // lines for which there was no room
	noted    uint64 // of those dropped, in the outlet itself
	lost     uint64 // lines, dropped or not written
	running  bool
	busy     time.Time // since when a write is under way; zero: none is
	closing  error     // what came of closing the sink
}

func newOutlet(s *spool, to *sink) *outlet {
	out := &outlet{sink: to, spool: s, hurry: make(chan struct{}, 1)}
	out.work.L = &s.mu
	return out
}

// start starts the goroutine.
func (o *outlet) start() {
	o.running = true
	go o.run()
}

// takes reports whether the outlet is to have a record.
func (o *outlet) takes(severe bool) bool {
	return o == o.spool.console || !o.spool.closed && (severe || !o.severe)
}

func (o *outlet) full() bool { return len(o.waiting) >= maxWaiting }

// patience is how long a caller may still wait for the outlet.
func (o *outlet) patience() time.Duration {
	if o.busy.IsZero() {
		return stallLimit
	}
	return stallLimit - time.Since(o.busy)
}

// append takes a line, or drops it when the outlet is full and stalls. The
// goroutine runs again for a line that comes after it has ended.
func (o *outlet) append(line []byte) {
	if o.full() && o.patience() <= 0 {
		o.drop()
		return
	}
	o.waiting = append(o.waiting, line...)
	o.appended++
	if !o.running {
		o.start()
	}
	o.work.Signal()
}

// drop counts a line that is dropped. The console has a report of the first.
func (o *outlet) drop() {
	if o.dropped == o.noted {
		o.report("log file stalls; lines are dropped until it takes them again")
	}
	o.dropped++
	o.lost++
}

// run writes what waits, as much at once as there is, until the spool is closed
// and nothing waits.
func (o *outlet) run() {
	var spare []byte
	for {
		taken, last := o.take(spare)
		if len(taken) == 0 {
			o.end()
			return
		}
		lost, notice := o.write(taken)
		o.wrote(last, lost, notice)
		spare = taken[:0]
		o.rest()
	}
}

// take waits for lines and exchanges them for the empty buffer. It returns the
// number of the last line taken, and no lines when the spool is closed.
func (o *outlet) take(spare []byte) (taken []byte, last uint64) {
	o.spool.mu.Lock()
	defer o.spool.mu.Unlock()
	for len(o.waiting) == 0 && !o.spool.closed {
		o.work.Wait()
	}
	taken, o.waiting, o.busy = o.waiting, spare, time.Now()
	if n := o.dropped - o.noted; n > 0 { // which would be here
		o.noted = o.dropped
		taken = append(taken, o.spool.record(slog.LevelWarn, "log lines were dropped", slog.Uint64("lines", n))...)
	}
	o.spool.progress.Broadcast()
	return taken, o.appended
}

// wrote notes what a write came to, and reports what happened to a file.
func (o *outlet) wrote(last uint64, lost int, notice string) {
	o.spool.mu.Lock()
	defer o.spool.mu.Unlock()
	o.written, o.busy = last, time.Time{}
	o.lost += uint64(lost) //nolint:gosec // a count, not negative
	if notice != "" {
		o.report(notice)
	}
	o.spool.progress.Broadcast()
}

// end closes the sink and ends the goroutine, unless a line came meanwhile.
func (o *outlet) end() {
	err := o.w.Close()
	o.spool.mu.Lock()
	defer o.spool.mu.Unlock()
	o.closing, o.running, o.busy = err, false, time.Time{}
	if len(o.waiting) > 0 {
		o.start()
	}
	o.spool.progress.Broadcast()
}

// rest waits for the time of pace, or until someone waits for the lines.
func (o *outlet) rest() {
	timer := time.NewTimer(pace)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-o.hurry:
	}
}

// urge ends the goroutine's rest, or its next one.
func (o *outlet) urge() {
	select {
	case o.hurry <- struct{}{}:
	default:
	}
}

// report reports on a file, on the console if there is one.
func (o *outlet) report(notice string) {
	if console := o.spool.console; console != nil && o != console {
		console.append(o.spool.record(slog.LevelError, notice, slog.String("file", o.name)))
	}
}

// record returns a record of this package as it is written.
func (s *spool) record(level slog.Level, text string, attr slog.Attr) []byte {
	var line bytes.Buffer
	r := slog.NewRecord(time.Time{}, level, text, 0)
	r.AddAttrs(slog.String("component", "logging"), attr)
	_ = encoder(s.format, &line).Handle(context.Background(), r) // a buffer takes everything
	return s.clock.append(nil, line.Bytes())
}
