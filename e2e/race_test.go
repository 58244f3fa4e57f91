package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
)

const raceClients = 8

// atOnce runs the calls of raceClients clients at the same moment and returns
// the answers.
func atOnce(call func(client int) (status int, text string)) (statuses []int, texts []string) {
	var group sync.WaitGroup
	statuses, texts = make([]int, raceClients), make([]string, raceClients)
	start := make(chan struct{})
	for client := range raceClients {
		group.Go(func() {
			<-start
			statuses[client], texts[client] = call(client)
		})
	}
	close(start)
	group.Wait()
	return statuses, texts
}

// TestRace_SameUser: of clients that create the same user at once one is the
// first, and the others learn every name that is taken.
func TestRace_SameUser(t *testing.T) {
	t.Parallel()
	onBoth(t, raceForUser)
}

func raceForUser(t *testing.T, settings []string) {
	t.Helper()
	a, b := startPair(t, settings)
	const taken = `{"username":["t user with this username already exists."],"email":["t user with this email already exists."]}`
	for round := range 50 {
		statuses, texts := atOnce(func(client int) (int, string) {
			s := a
			if round%2 == 1 && client%2 == 1 { // every other round through both servers
				s = b
			}
			return s.call(http.MethodPost, "/api/users/", newUser(fmt.Sprintf("same-%d", round)))
		})
		created := 0
		for i, status := range statuses {
			switch {
			case status == http.StatusCreated:
				created++
			case status != http.StatusBadRequest || texts[i] != taken:
				t.Errorf("round %d: got %d %s, want 201 or 400 with both fields", round, status, texts[i])
			}
		}
		if created != 1 {
			t.Errorf("round %d: %d were created, want 1", round, created)
		}
	}
	if got := a.number("/api/users/", "count"); got != 50 {
		t.Errorf("users: got %d, want 50", got)
	}
}

// TestRace_SameField: clients that want the same e-mail address under names
// of their own only learn about the e-mail address.
func TestRace_SameField(t *testing.T) {
	t.Parallel()
	onBoth(t, raceForField)
}

func raceForField(t *testing.T, settings []string) {
	t.Helper()
	s := startServer(t, t.TempDir(), settings...)
	const taken = `{"email":["t user with this email already exists."]}`
	for round := range 20 {
		statuses, texts := atOnce(func(client int) (int, string) {
			return s.call(http.MethodPost, "/api/users/", fmt.Sprintf(`{"username":"own-%d-%d","email":"Same-%d@example.com"}`, round, client, round))
		})
		for i, status := range statuses {
			if status != http.StatusCreated && (status != http.StatusBadRequest || texts[i] != taken) {
				t.Errorf("round %d: got %d %s, want 201 or 400 for the e-mail address", round, status, texts[i])
			}
		}
		if got := s.number("/api/users/", "count"); got != round+1 {
			t.Fatalf("round %d: got %d users, want %d", round, got, round+1)
		}
	}
}

// TestRace_PatchAndDelete: a row that some change while others delete it is
// changed, deleted once, or gone.
func TestRace_PatchAndDelete(t *testing.T) {
	t.Parallel()
	onBoth(t, raceToDelete)
}

func raceToDelete(t *testing.T, settings []string) {
	t.Helper()
	s := startServer(t, t.TempDir(), settings...)
	for round := range 30 {
		path := fmt.Sprintf("/api/users/%d/", s.create(fmt.Sprintf("row-%d", round)))
		statuses, texts := atOnce(func(client int) (int, string) {
			if client >= raceClients/2 && round%3 > 0 || client == raceClients-1 {
				return s.call(http.MethodDelete, path, "")
			}
			return s.call(http.MethodPatch, path, fmt.Sprintf(`{"first_name":"c%d"}`, client))
		})
		deleted := 0
		for i, status := range statuses {
			if !slices.Contains([]int{http.StatusOK, http.StatusNoContent, http.StatusNotFound}, status) {
				t.Errorf("round %d: got %d %s, want 200, 204 or 404", round, status, texts[i])
			}
			if status == http.StatusNoContent {
				deleted++
			}
		}
		if deleted != 1 {
			t.Errorf("round %d: deleted %d times, want once", round, deleted)
		}
		if status, _ := s.call(http.MethodGet, path, ""); status != http.StatusNotFound {
			t.Errorf("round %d: got %d after it was deleted, want 404", round, status)
		}
	}
	if got := s.number("/api/users/", "count"); got != 0 {
		t.Errorf("users: got %d, want 0", got)
	}
}
