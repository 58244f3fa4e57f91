package redistest_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"roster/internal/redis/redistest"
)

func TestServer_EndsAndStartsAgain(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "--maxmemory", "10mb")
	if got := s.Do(t, "SET key value"); got != "+OK" {
		t.Errorf("got %q, want +OK", got)
	}
	s.Signal(t, syscall.SIGSTOP)
	s.Kill(t)
	s.Start(t)
	if got := s.Do(t, "GET key"); got != "" {
		t.Errorf("got %q, want nothing: it keeps nothing", got)
	}
	s.Stop(t)
	s.Start(t)
	if got := s.Do(t, "INFO memory"); !strings.Contains(got, "maxmemory_human:10.00M") {
		t.Errorf("got %s, want the option", got)
	}
	if want := fmt.Sprintf("redis://127.0.0.1:%d/0", s.Port); s.URL() != want {
		t.Errorf("got %s, want %s", s.URL(), want)
	}
}

func TestServer_BreaksAndMends(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	for _, fault := range []redistest.Fault{
		redistest.Flushed, redistest.Full, redistest.CutOff, redistest.Frozen, redistest.Stopped, redistest.Killed,
	} {
		s.Break(t, fault)
		s.Mend(t, fault)
		if got := s.Do(t, "SET key value"); got != "+OK" {
			t.Errorf("after %s: got %q, want +OK", fault, got)
		}
	}
}

func TestStartWatched_Follows(t *testing.T) {
	t.Parallel()
	w := redistest.StartWatched(t)
	if got := w.Replica.Do(t, "INFO replication"); !strings.Contains(got, "role:slave") {
		t.Errorf("got %s, want a replica", got)
	}
}

func TestStartCluster_Works(t *testing.T) {
	t.Parallel()
	nodes := redistest.StartCluster(t)
	if got := nodes[2].Do(t, "CLUSTER INFO"); !strings.Contains(got, "cluster_known_nodes:3") {
		t.Errorf("got %s, want three nodes", got)
	}
}
