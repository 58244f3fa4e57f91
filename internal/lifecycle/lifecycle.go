// Package lifecycle talks to whoever supervises the process: it takes the
// socket that systemd holds for it, and tells when it is ready, alive and
// stopping. Where nobody supervises, all of it does nothing.
package lifecycle

import (
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"
)

// Listener returns the listening TCP socket that the supervisor passed (the
// variables LISTEN_PID and LISTEN_FDS), or nil when there is none. The socket
// outlives the process, so connections wait while another takes its place.
// What is not one TCP socket is an error. It may be called once: the variables
// are taken out of the environment, so that no child takes them for its own.
func Listener() (net.Listener, error) {
	passed, err := activation.Listeners()
	if err != nil || len(passed) == 0 {
		return nil, err
	}
	tcp, ok := passed[0].(*net.TCPListener)
	if len(passed) == 1 && ok {
		return tcp, nil
	}
	for _, listener := range passed {
		if listener != nil {
			_ = listener.Close() // it is refused in any case
		}
	}
	if len(passed) > 1 {
		return nil, fmt.Errorf("%d sockets were passed, and one is served", len(passed))
	}
	return nil, fmt.Errorf("the socket that was passed does not listen on TCP")
}

// Ready tells the supervisor that the process does its work, and then, as
// often as it wants to hear it (WATCHDOG_USEC), that the process lives. The
// function that it returns says that the process is stopping; it goes on to
// say that it lives until end is called, and both may be called again. An error
// is one of the supervisor's socket (NOTIFY_SOCKET).
func Ready() (stopping, end func(), err error) {
	pause, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return nil, nil, fmt.Errorf("the watchdog's variables: %w", err)
	}
	if _, err := daemon.SdNotify(false, daemon.SdNotifyReady); err != nil {
		return nil, nil, fmt.Errorf("tell the supervisor: %w", err)
	}
	stopping = func() { tell(daemon.SdNotifyStopping) }
	if pause == 0 {
		return stopping, func() {}, nil
	}
	return stopping, beat(pause / 3), nil
}

// beat says that the process lives, every pause, until the function that it
// returns is called.
func beat(pause time.Duration) (end func()) {
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		ticker := time.NewTicker(pause)
		defer ticker.Stop()
		for {
			tell(daemon.SdNotifyWatchdog)
			select {
			case <-ticker.C:
			case <-done:
				return
			}
		}
	})
	return sync.OnceFunc(func() {
		close(done)
		group.Wait()
	})
}

// tell sends a message. One that is lost is noticed by the supervisor, which
// then does what it is set up to do.
func tell(message string) { _, _ = daemon.SdNotify(false, message) }
