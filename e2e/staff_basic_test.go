package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// asks asks for a page of users with HTTP Basic, from an address.
func (s *server) asks(from, username, password string) (received, error) {
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+"/api/users/", http.NoBody)
	if err != nil {
		return received{}, err
	}
	r.Header.Set("X-Forwarded-For", from)
	r.SetBasicAuth(username, password)
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return received{}, err
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	return received{got.StatusCode, got.Header, string(text)}, err
}

// TestBasic_Storm: of 200 wrong passwords at once, from as many addresses that are
// made up, no more are looked at than may be, and another account is answered.
func TestBasic_Storm(t *testing.T) {
	t.Parallel()
	onBoth(t, basicStorm)
}

func basicStorm(t *testing.T, settings []string) {
	t.Helper()
	s := startServer(t, t.TempDir(), append(settings, "AUTO_MIGRATE=true", "API_PERMISSION=IsAuthenticated")...)
	addSuperuser(t, settings, "boss")
	addSuperuser(t, settings, "other")
	statuses := guessAtOnce(t, func(n int, from string) (received, error) { return s.asks(from, "boss", fmt.Sprintf("wrong %d", n)) },
		func() { s.answersMeanwhile("other") })
	wantLimited(t, settings, statuses, http.StatusForbidden)
}

// answersMeanwhile asks as another account, again while too many passwords are
// looked at.
func (s *server) answersMeanwhile(username string) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		got, err := s.asks("203.0.113.1", username, staffPassword)
		switch {
		case err != nil:
			s.t.Fatal(err)
		case got.status == http.StatusOK:
			return
		case got.status != http.StatusServiceUnavailable:
			s.t.Fatalf("got %d %s, want to be answered", got.status, got.body)
		}
	}
	s.t.Error("no other account is answered")
}

// TestBasic_Ends: another password ends HTTP Basic at once on two servers.
func TestBasic_Ends(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		settings = append(settings, "AUTO_MIGRATE=true", "API_PERMISSION=IsAuthenticated")
		servers := []*server{startServer(t, t.TempDir(), settings...)}
		servers = append(servers, startServer(t, t.TempDir(), settings...))
		addSuperuser(t, settings, "boss")
		wantAll := func(what, password string, status int) {
			t.Helper()
			for _, s := range servers {
				if got, err := s.asks("192.0.2.1", "boss", password); err != nil || got.status != status {
					t.Errorf("%s: got %d %s, %v, want %d", what, got.status, got.body, err, status)
				}
			}
		}
		wantAll("the password", staffPassword, http.StatusOK)
		changed := roster(t, t.TempDir(), slices.Clone(settings), "changepassword", "boss")
		changed.Stdin = strings.NewReader("Another-horse-9\nAnother-horse-9\n")
		if out, err := changed.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		wantAll("the former password", staffPassword, http.StatusForbidden)
		wantAll("the new password", "Another-horse-9", http.StatusOK)
	})
}
