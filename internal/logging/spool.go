package logging

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"
)

const (
	// maxWaiting is the number of bytes that may wait for an outlet before
	// callers wait too. As much again may be on its way to it.
	maxWaiting = 1 << 20

	// pace is how long an outlet rests after a write, so that under load many
	// lines make one write; no one waits for lines below ERROR.
	pace = 2 * time.Millisecond

	// stallLimit is how long one write may take before the outlet counts as
	// stalled. Callers do not wait for a stalled outlet.
	stallLimit = 5 * time.Second
)

// spool is the buffer between the callers and the outlets.
type spool struct {
	format  string
	all     []*outlet // the files, and then the console, which has the reports on them
	console *outlet   // nil: none

	mu       sync.Mutex
	progress sync.Cond // an outlet has taken or written lines
	clock    stamp
	line     []byte // scratch space of append
	closed   bool
}

// newSpool returns a spool whose outlets run.
func newSpool(o Options, files []*sink) *spool {
	s := &spool{format: o.Format, clock: newStamp(o.Format)}
	s.progress.L = &s.mu
	for _, file := range files {
		s.all = append(s.all, newOutlet(s, file))
	}
	if o.Console != nil {
		s.console = newOutlet(s, &sink{name: "console", w: unclosed{o.Console}})
		s.all = append(s.all, s.console)
	}
	for _, out := range s.all {
		out.start()
	}
	return s
}

// unclosed is a writer that is not ours to close.
type unclosed struct{ io.Writer }

// Close does nothing.
func (unclosed) Close() error { return nil }

// spoolWriter is what an encoder writes its lines to.
type spoolWriter struct {
	spool  *spool
	severe bool
}

// Write takes one encoded record.
func (w spoolWriter) Write(record []byte) (int, error) {
	w.spool.append(record, w.severe)
	return len(record), nil
}

// append hands a record to each outlet that is to have it: to the console alone
// once the spool is closed.
func (s *spool) append(record []byte, severe bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, out := range s.all {
		if out.takes(severe) && out.full() {
			s.await(out, func() bool { return !out.full() })
		}
	}
	// Only now: the lines of a file are in the order of their times.
	s.line = s.clock.append(s.line[:0], record)
	for _, out := range s.all {
		if out.takes(severe) {
			out.append(s.line)
		}
	}
	if s.closed { // the process may end any time
		s.settle()
	}
}

// await waits until done returns true, or the outlet stalls.
func (s *spool) await(out *outlet, done func() bool) {
	for !done() {
		left := out.patience()
		if left <= 0 {
			return
		}
		out.urge()
		wake := time.AfterFunc(left, s.wake)
		s.progress.Wait()
		wake.Stop()
	}
}

// wake has everyone who waits look again.
func (s *spool) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress.Broadcast()
}

// flush waits until the lines appended so far are written to each outlet that
// does not stall, and the reports on the files to the console.
func (s *spool) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
}

// settle is flush for those who hold the mutex.
func (s *spool) settle() {
	for _, out := range s.all {
		last := out.appended
		s.await(out, func() bool { return out.written >= last })
	}
}

// close lets the outlets end, and waits for those that do not stall.
func (s *spool) close() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, out := range s.all {
		out.work.Signal()
	}
	for _, out := range s.all {
		s.await(out, func() bool { return !out.running })
		err = errors.Join(err, out.closing)
		if out.running && out != s.console {
			err = errors.Join(err, fmt.Errorf("log file %s stalls; its last lines are lost", out.name))
		}
	}
	return err
}

// lost returns how many lines each outlet has lost, by its name.
func (s *spool) lost() map[string]uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	lost := make(map[string]uint64, len(s.all))
	for _, out := range s.all {
		lost[filepath.Base(out.name)] = out.lost
	}
	return lost
}
