package redistest

import (
	"syscall"
	"testing"
)

// Fault is a failure of a server, until Mend.
type Fault string

// The failures.
const (
	Flushed Fault = "flushed" // all keys are gone
	Full    Fault = "full"    // it rejects commands that need memory
	CutOff  Fault = "cut off" // subscribers lose their connections
	Frozen  Fault = "frozen"  // it accepts connections, but does not respond
	Stopped Fault = "stopped" // it was shut down
	Killed  Fault = "killed"  // it was killed
)

// Silent reports whether the server does not respond meanwhile.
func (f Fault) Silent() bool { return f == Frozen || f == Stopped || f == Killed }

// Break starts a failure.
func (s *Server) Break(t testing.TB, fault Fault) {
	t.Helper()
	switch fault {
	case Flushed:
		s.Do(t, "FLUSHALL")
	case Full:
		s.Do(t, "CONFIG SET maxmemory 1")
	case CutOff:
		s.Do(t, "CLIENT KILL TYPE pubsub")
	case Frozen:
		s.Signal(t, syscall.SIGSTOP)
	case Stopped:
		s.Stop(t)
	case Killed:
		s.Kill(t)
	}
}

// Mend ends a failure.
func (s *Server) Mend(t testing.TB, fault Fault) {
	t.Helper()
	switch fault {
	case Flushed, CutOff:
	case Full:
		s.Do(t, "CONFIG SET maxmemory 0")
	case Frozen:
		s.Signal(t, syscall.SIGCONT)
	case Stopped, Killed:
		s.Start(t)
	}
}
