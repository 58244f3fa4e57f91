package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// closeLimit is the timeout for everything else when a process stops: releasing
// tasks, exporting traces, closing the database and the log.
const closeLimit = 10 * time.Second

// untilSignal returns a context that is done after the first SIGINT or SIGTERM,
// or when parent is. After that signal, a second one ends the process
// immediately, and so does limit, with exit status 1, whatever the process
// waits for. The returned function releases resources.
func untilSignal(parent context.Context, limit time.Duration, stderr io.Writer) (context.Context, context.CancelFunc) {
	ctx, release := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		defer signal.Stop(signals)
		select {
		case <-ctx.Done():
		case <-signals:
			signal.Stop(signals) // the next signal ends the process
			time.AfterFunc(limit, func() { giveUp(limit, stderr) })
			release()
			endIfSignaled(signals)
		}
	}()
	return ctx, release
}

// endIfSignaled ends the process by a signal that arrived just before
// signal.Stop.
func endIfSignaled(signals <-chan os.Signal) {
	select {
	case again := <-signals:
		if number, ok := again.(syscall.Signal); ok {
			_ = syscall.Kill(os.Getpid(), number) // one's own process can be signaled
		}
	default:
	}
}

// giveUp ends the process, with a message if stderr is read.
func giveUp(limit time.Duration, stderr io.Writer) {
	said := make(chan struct{})
	go func() {
		defer close(said)
		fmt.Fprintf(stderr, "roster: still stopping %s after the signal; ending without waiting any longer\n", limit)
	}()
	select {
	case <-said:
	case <-time.After(time.Second):
	}
	os.Exit(exitFailed)
}
