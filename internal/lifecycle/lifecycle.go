// Package lifecycle talks to the supervisor of the process: it takes the socket
// that systemd holds for it, and reports when the process is ready, alive and
// stopping. Without a supervisor it does nothing.
package lifecycle

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"
)

// Listener returns the listening socket, TCP or Unix, that the supervisor passed (the
// variables LISTEN_PID and LISTEN_FDS), or nil when there is none. The socket
// outlives the process, so connections wait while another takes its place.
// What is not one such socket is an error. It may be called once: the variables
// are taken out of the environment, so that no child takes them for its own.
func Listener() (net.Listener, error) {
	passed, err := activation.Listeners()
	if err != nil || len(passed) == 0 {
		return nil, err
	}
	if len(passed) == 1 && passed[0] != nil {
		if network := passed[0].Addr().Network(); network == "tcp" || network == "unix" {
			return passed[0], nil
		}
	}
	for _, listener := range passed {
		if listener != nil {
			_ = listener.Close() // it is refused in any case
		}
	}
	if len(passed) > 1 {
		return nil, fmt.Errorf("%d sockets were passed, and one is served", len(passed))
	}
	return nil, fmt.Errorf("the socket that was passed does not listen for connections")
}

// sendLimit is how long a message may wait for room in the supervisor's socket.
// It is short, as it may delay the end of the process twice.
const sendLimit = 100 * time.Millisecond

// Ready reports to the supervisor that the process is ready and then, at a third
// of the interval that it asks for (WATCHDOG_USEC), that the process is alive.
// stopping reports that the process is stopping; the process stays alive to the
// watchdog until end is called. Both may be called again. An error is one of the
// variables or of the supervisor's socket (NOTIFY_SOCKET).
//
// A supervisor that does not read its socket delays none of these calls for
// longer than a few tenths of a second. It gets the report of readiness as
// soon as it reads; other messages for which there is no room are dropped.
func Ready() (stopping, end func(), err error) {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return nil, nil, fmt.Errorf("the watchdog's variables: %w", err)
	}
	err = send(daemon.SdNotifyReady)
	unread := errors.Is(err, os.ErrDeadlineExceeded)
	if err != nil && !unread {
		return nil, nil, fmt.Errorf("notify the supervisor: %w", err)
	}
	stopping = func() { _ = send(daemon.SdNotifyStopping) }
	return stopping, background(func(done <-chan struct{}) {
		for unread && !closed(done) {
			unread = errors.Is(send(daemon.SdNotifyReady), os.ErrDeadlineExceeded)
		}
		if interval > 0 {
			keepAlive(interval/3, done)
		}
	}), nil
}

// background runs fn until the function that it returns is called.
func background(fn func(done <-chan struct{})) (end func()) {
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() { fn(done) })
	return sync.OnceFunc(func() {
		close(done)
		group.Wait()
	})
}

func closed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// keepAlive reports that the process is alive, every pause, until done is
// closed. The supervisor notices a message that is lost, and acts on it.
func keepAlive(pause time.Duration, done <-chan struct{}) {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		_ = send(daemon.SdNotifyWatchdog)
		select {
		case <-ticker.C:
		case <-done:
			return
		}
	}
}

// send sends a message to the supervisor, if there is one (sd_notify(3)). The
// error is os.ErrDeadlineExceeded when the socket has no room for it.
func send(message string) error {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // a datagram is sent whole or not at all
	if err := conn.SetWriteDeadline(time.Now().Add(sendLimit)); err != nil {
		return err
	}
	_, err = conn.Write([]byte(message))
	return err
}
