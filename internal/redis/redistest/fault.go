package redistest

import (
	"syscall"
	"testing"
)

// Fault is what can happen to a server, until Mend.
type Fault string

// The faults.
const (
	Flushed Fault = "flushed" // all keys are gone
	Full    Fault = "full"    // it refuses what needs memory
	CutOff  Fault = "cut off" // those who subscribe lose their connections
	Frozen  Fault = "frozen"  // it takes connections, and says nothing
	Stopped Fault = "stopped" // it has ended in order
	Killed  Fault = "killed"  // it has ended at once
)

// Silent reports whether the server answers nobody meanwhile.
func (f Fault) Silent() bool { return f == Frozen || f == Stopped || f == Killed }

// Break begins a fault.
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

// Mend ends a fault.
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
