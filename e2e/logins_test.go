package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// containerMemory is the limit of the shipped Kubernetes manifests, in MiB.
const containerMemory = 512

// TestMemory_Logins: on 16 processors, logins from one address and from many at once
// stay within the memory that GOMEMLIMIT gives, and others log in and are answered.
func TestMemory_Logins(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServer(t, dir, "GOMAXPROCS=16", "GOMEMLIMIT=410MiB", "TRUSTED_PROXIES=127.0.0.1", "API_PERMISSION=AllowAny")
	addSuperuser(t, []string{"DB_NAME=" + filepath.Join(dir, "db.sqlite3")}, "boss")
	s.floodLogins(2)
	if got := s.memory(); got > containerMemory*raced() {
		t.Errorf("got %d MiB, want %d at most", got, containerMemory*raced())
	}
}

// TestDrill_LoginsInContainer: the same in a control group with the memory of the
// shipped container, which would kill the process.
func TestDrill_LoginsInContainer(t *testing.T) { //nolint:tparallel // its parts follow each other
	t.Parallel()
	if raced() > 1 {
		t.Log("the race detector takes more than the container has; TestMemory_Logins allows for it")
		return
	}
	for _, processors := range []int{4, 8, 16} {
		t.Run(strconv.Itoa(processors), func(t *testing.T) {
			group := limitedGroup(t, containerMemory<<20)
			if group == "" {
				t.Log("no control group can be made here; TestMemory_Logins has the same without one")
				return
			}
			dir := t.TempDir()
			cmd := roster(t, dir, []string{
				"DB_NAME=" + filepath.Join(dir, "db.sqlite3"), "GOMAXPROCS=" + strconv.Itoa(processors),
				"TRUSTED_PROXIES=127.0.0.1", "API_PERMISSION=AllowAny",
			}, "serve", "--bind", "127.0.0.1:0")
			cmd.Args = append([]string{"sh", "-c", `echo $$ >"$0"/cgroup.procs && exec "$@"`, group, cmd.Path}, cmd.Args[1:]...)
			cmd.Path = "/bin/sh"
			s := startCommand(t, cmd)
			addSuperuser(t, []string{"DB_NAME=" + filepath.Join(dir, "db.sqlite3")}, "boss")
			s.floodLogins(5)
			t.Logf("GOMAXPROCS %d: at most %d MiB", processors, s.memory())
		})
	}
}

// limitedGroup makes a control group whose processes have that memory in bytes, ""
// where it cannot be made.
func limitedGroup(t *testing.T, memory int) string {
	t.Helper()
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return ""
	}
	parent, limit := "", ""
	for line := range strings.Lines(string(own)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(parts) == 3 && parts[1] == "memory":
			parent, limit = "/sys/fs/cgroup/memory", "memory.limit_in_bytes"
		case len(parts) == 3 && parts[1] == "" && limit == "":
			parent, limit = "/sys/fs/cgroup"+parts[2], "memory.max"
		}
	}
	group := filepath.Join(parent, fmt.Sprintf("roster-test-%d-%s", os.Getpid(), filepath.Base(t.Name())))
	if parent == "" || os.Mkdir(group, 0o750) != nil {
		return ""
	}
	t.Cleanup(func() { _ = os.Remove(group) })
	if os.WriteFile(filepath.Join(group, limit), []byte(strconv.Itoa(memory)), 0o600) != nil {
		return ""
	}
	return group
}

// floodLogins sends rounds of 80 logins at once, from one address and from 80 in
// turn. Meanwhile another visitor logs in at the first attempt and reads.
func (s *server) floodLogins(rounds int) {
	s.t.Helper()
	for round := range rounds {
		var flood sync.WaitGroup
		begun := make(chan struct{}, 80)
		for i := range 80 {
			from := fmt.Sprintf("198.51.%d.%d", round, i)
			if round%2 == 0 {
				from = fmt.Sprintf("198.51.%d.1", round)
			}
			flood.Go(func() {
				v := s.visitor(from)
				begun <- struct{}{}
				if _, err := v.logIn(fmt.Sprintf("user%d-%d", round, i), "wrong"); err != nil {
					s.t.Errorf("round %d: %v", round, err)
				}
			})
		}
		<-begun
		s.logInMeanwhile("boss")
		if got, err := s.visitor("203.0.113.9").send("/api/users/", nil); err != nil || got.status != http.StatusOK {
			s.t.Errorf("round %d: got %d, %v, want the list of users", round, got.status, err)
		}
		flood.Wait()
	}
}
