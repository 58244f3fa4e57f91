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

// closeLimit is how long everything else may take when a process stops:
// giving tasks back, sending the last traces, closing the database and the log.
const closeLimit = 10 * time.Second

// untilSignal returns a context that is done after the first SIGINT or SIGTERM,
// or when parent is. After that signal a second one ends the process at once, and
// so does limit with exit status 1, no matter what the process waits for. The
// function that it returns frees what the context holds.
func untilSignal(parent context.Context, limit time.Duration, stderr io.Writer) (context.Context, context.CancelFunc) {
	ctx, release := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		defer signal.Stop(signals)
		select {
		case <-ctx.Done():
		case <-signals:
			signal.Stop(signals) // the next one is not ours: it ends the process
			time.AfterFunc(limit, func() { giveUp(limit, stderr) })
			release()
			endIfSignaled(signals)
		}
	}()
	return ctx, release
}

// endIfSignaled ends the process by a signal that was delivered just before
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

// giveUp ends the process, and says so unless stderr is not read either.
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
