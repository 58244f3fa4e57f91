package logging_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/logging"
)

// flaky is a file on a disk with room for a number of bytes.
type flaky struct {
	mu      sync.Mutex
	content bytes.Buffer
	full    bool
	room    int // what is still taken when full
	gate    chan struct{}
	closing error
}

func (f *flaky) Write(p []byte) (int, error) {
	if f.gate != nil {
		<-f.gate
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.full {
		return f.content.Write(p)
	}
	n, _ := f.content.Write(p[:min(f.room, len(p))])
	f.room -= n
	if n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

func (f *flaky) Close() error { return f.closing }

func (f *flaky) setFull(full bool, room int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.full, f.room = full, room
}

func (f *flaky) text() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.content.String()
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		app, severe, console := &flaky{}, &flaky{}, &flaky{}
		logs := logging.NewWith(logging.Options{Console: console}, app, severe)
		defer closeLogs(t, logs)
		log := logs.For("api")

		log.Error("one")
		app.setFull(true, 10)
		for range 5 {
			log.Error("two")
		}
		requireCount(t, console, "log file cannot be written: no space left on device", 1)
		requireCount(t, console, "msg=two", 5)
		requireCount(t, severe, "msg=two", 5)

		time.Sleep(time.Minute)
		log.Error("three")
		requireCount(t, console, "log file cannot be written", 2)

		app.setFull(false, 0)
		log.Error("four")
		requireCount(t, console, "log file is written again; ", 1)
		requireCount(t, console, "component=logging file=app.log", 3)
		if got := app.text(); strings.Count(got, "\n") != 3 || !strings.HasSuffix(got, "\n") {
			t.Errorf("app.log: got %q, want line one, a torn line and line four", got)
		}
		requireCount(t, app, "\ntime=", 2)
		requireCount(t, app, "msg=two", 0)
		requireCount(t, app, "msg=four", 1)
	})
}

// A disk that fails again and again is not reported each time.
func TestFullDisk_Flapping(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		app, console := &flaky{}, &flaky{}
		logs := logging.NewWith(logging.Options{Console: console}, app, &flaky{})
		defer closeLogs(t, logs)
		for range 10 {
			app.setFull(true, 0)
			logs.For("api").Error("lost")
			app.setFull(false, 0)
			logs.For("api").Error("kept")
		}
		requireCount(t, console, "component=logging", 2)
		requireCount(t, app, "msg=kept", 10)
	})
}

func requireCount(t *testing.T, f *flaky, text string, want int) {
	t.Helper()
	if got := strings.Count(f.text(), text); got != want {
		t.Errorf("got %q %d times, want %d, in:\n%s", text, got, want, f.text())
	}
}

// While the disk is slow, callers go on until the buffer is full, then wait, and
// nothing is lost.
func TestSlowDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		app := &flaky{gate: make(chan struct{})}
		logs := logging.NewWith(logging.Options{}, app, &flaky{})
		const lines, size = 3000, 1000
		logged := 0
		var mu sync.Mutex
		go func() {
			filler := strings.Repeat("x", size)
			for range lines {
				logs.For("api").Info("line", "filler", filler)
				mu.Lock()
				logged++
				mu.Unlock()
			}
		}()
		synctest.Wait()
		mu.Lock()
		if got := logged * size; got < 900_000 || got > 2_200_000 {
			t.Errorf("got %d bytes logged while the disk hangs, want about 1 MiB, 2 at most", got)
		}
		mu.Unlock()
		close(app.gate)
		synctest.Wait()
		closeLogs(t, logs)
		requireLines(t, app, lines)
	})
}

// A file that stalls holds up no one, and neither the console nor the other
// file. What is dropped is counted where it would be.
func TestStalledFile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		app, severe, console := &flaky{gate: make(chan struct{})}, &flaky{}, &flaky{}
		logs := logging.NewWith(logging.Options{Console: console}, app, severe)
		log, filler := logs.For("api"), strings.Repeat("x", 1000)
		begin := time.Now()
		const lines = 4000
		for range lines {
			log.Info("line", "filler", filler)
		}
		log.Error("failed")
		log.Error("failed")
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("got %s for all lines, want them to wait once", took)
		}
		requireCount(t, console, "msg=line", lines)
		requireCount(t, console, "log file stalls; lines are dropped", 1)
		requireCount(t, severe, "msg=failed", 2)
		lost := logs.Lost()
		if lost["app.log"] < lines/4 || lost["console"] != 0 || lost["error.log"] != 0 {
			t.Errorf("got %v lost, want some of app.log alone", lost)
		}

		close(app.gate)
		time.Sleep(time.Second) // the write ends
		log.Error("after")
		requireLines(t, app, lines+2-int(lost["app.log"])+2)
		requireCount(t, app, fmt.Sprintf("msg=\"log lines were dropped\" component=logging lines=%d\n", lost["app.log"]), 1)
		requireCount(t, app, "msg=after", 1)
		closeLogs(t, logs)
	})
}

// A console that is not read does not keep the log from being closed, and the
// files have every line.
func TestStalledConsole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		app, console := &flaky{}, &flaky{gate: make(chan struct{})}
		logs := logging.NewWith(logging.Options{Console: console}, app, &flaky{})
		const lines = 3000
		filler := strings.Repeat("x", 1000)
		for range lines {
			logs.For("api").Info("line", "filler", filler)
		}
		closeLogs(t, logs)
		logs.For("api").Error("late")
		requireLines(t, app, lines)
		close(console.gate)
		time.Sleep(time.Second) // the last write, and the end of the goroutine
		requireCount(t, console, "log lines were dropped", 1)
	})
}

// A file that stalls for good is an error of Close.
func TestStalledFile_Close(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		app := &flaky{gate: make(chan struct{})}
		logs := logging.NewWith(logging.Options{}, app, &flaky{})
		logs.For("api").Info("line")
		synctest.Wait()
		if err := logs.Close(); err == nil || !strings.Contains(err.Error(), "log file app.log stalls") {
			t.Errorf("got %v, want an error that names the file", err)
		}
		close(app.gate)
		time.Sleep(time.Second) // the last write, and the end of the goroutine
	})
}

func requireLines(t *testing.T, f *flaky, want int) {
	t.Helper()
	if got := strings.Count(f.text(), "\n"); got != want {
		t.Errorf("got %d lines, want %d", got, want)
	}
}

func TestTime_IsTheClocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		console := &flaky{}
		logs := logging.NewWith(logging.Options{Console: console, Format: logging.FormatJSON}, &flaky{}, &flaky{})
		defer closeLogs(t, logs)
		for _, pause := range []time.Duration{0, 7*time.Microsecond + 999, 1500 * time.Millisecond, 24 * time.Hour} {
			time.Sleep(pause)
			want := `{"time":"` + time.Now().UTC().Truncate(time.Microsecond).Format("2006-01-02T15:04:05.000000Z") + `","level":"ERROR",`
			logs.For("").LogAttrs(t.Context(), slog.LevelError, "now")
			if lines := strings.SplitAfter(console.text(), "\n"); !strings.HasPrefix(lines[len(lines)-2], want) {
				t.Errorf("got %s, want it to begin with %s", lines[len(lines)-2], want)
			}
		}
	})
}
