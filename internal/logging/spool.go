package logging

import (
	"io"
	"sync"
	"time"
)

// maxWaiting is the number of bytes that may wait to be written before callers
// wait too. As much again may be on its way to the disk.
const maxWaiting = 1 << 20

// pace is how long the goroutine rests after it has written, so that under
// load many lines make one write; nobody waits for lines below ERROR.
const pace = 2 * time.Millisecond

// spool is the buffer between those who log and the goroutine that writes.
type spool struct {
	format  string
	console sink
	files   []*sink
	done    chan struct{} // closed when the goroutine has ended
	hurry   chan struct{} // holds a token when the goroutine is not to rest

	mu       sync.Mutex
	work     sync.Cond // there is something to write, or it is to end
	progress sync.Cond // something has been taken or written
	waiting  batch
	clock    stamp
	appended uint64 // lines
	written  uint64 // lines, also those that a failing sink lost
	closed   bool
}

// batch is what is written at once: all lines, and the severe ones again.
type batch struct{ all, severe []byte }

func newSpool(o Options, files []*sink) *spool {
	console := o.Console
	if console == nil {
		console = io.Discard
	}
	s := &spool{
		format: o.Format, console: sink{w: unclosed{console}}, files: files,
		done: make(chan struct{}), hurry: make(chan struct{}, 1), clock: newStamp(o.Format),
	}
	s.work.L, s.progress.L = &s.mu, &s.mu
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
func (w spoolWriter) Write(line []byte) (int, error) {
	if !w.spool.append(line, w.severe) {
		w.spool.writeLate(line)
	}
	return len(line), nil
}

// append takes a line, when there is room, and reports whether the spool was
// still open.
func (s *spool) append(line []byte, severe bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.waiting.all) >= maxWaiting && !s.closed {
		s.urge()
		s.progress.Wait()
	}
	if s.closed {
		return false
	}
	begin := len(s.waiting.all)
	s.waiting.all = s.clock.append(s.waiting.all, line)
	if severe {
		s.waiting.severe = append(s.waiting.severe, s.waiting.all[begin:]...)
	}
	s.appended++
	s.work.Signal()
	return true
}

// writeLate writes a line that came after close to the console, once the
// goroutine has left it.
func (s *spool) writeLate(line []byte) {
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	s.console.write(s.clock.append(nil, line))
}

// run writes what waits, as much at once as there is, until the spool is
// closed and empty.
func (s *spool) run() {
	defer close(s.done)
	var spare batch
	for {
		taken, last, ok := s.take(spare)
		if !ok {
			return
		}
		s.write(taken)
		s.note(last)
		spare = batch{taken.all[:0], taken.severe[:0]}
		s.rest()
	}
}

// rest waits for the time of pace, or until somebody waits for the lines.
func (s *spool) rest() {
	timer := time.NewTimer(pace)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.hurry:
	}
}

// urge ends the goroutine's rest, or its next one.
func (s *spool) urge() {
	select {
	case s.hurry <- struct{}{}:
	default:
	}
}

// take waits for lines and exchanges them for the empty batch. It returns the
// number of the last line taken, and false when there will be no more.
func (s *spool) take(spare batch) (batch, uint64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.waiting.all) == 0 && !s.closed {
		s.work.Wait()
	}
	taken := s.waiting
	s.waiting = spare
	s.progress.Broadcast()
	return taken, s.appended, len(taken.all) > 0
}

// write hands a batch to the files and the console, the files first, as a
// console can be held up by its reader.
func (s *spool) write(b batch) {
	for _, file := range s.files {
		lines := b.all
		if file.severe {
			lines = b.severe
		}
		if notice := file.write(lines); notice != "" {
			s.report(file, notice)
		}
	}
	s.console.write(b.all)
}

func (s *spool) note(written uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written = written
	s.progress.Broadcast()
}

// flush waits until the lines appended so far are written.
func (s *spool) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for last := s.appended; s.written < last; {
		s.urge()
		s.progress.Wait()
	}
}

func (s *spool) close() {
	s.mu.Lock()
	s.closed = true
	s.work.Signal()
	s.urge()
	s.progress.Broadcast()
	s.mu.Unlock()
	<-s.done
}
