package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const staffPassword = "Corr3ct-horse-staple"

// commanded runs a command that must do what it is for, and returns what it printed.
func commanded(t *testing.T, settings []string, args ...string) string {
	t.Helper()
	out, err := roster(t, t.TempDir(), settings, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("roster %v: %v: %s", args, err, out)
	}
	return string(out)
}

// addSuperuser makes an account with staffPassword.
func addSuperuser(t *testing.T, settings []string, username string) {
	t.Helper()
	commanded(t, append(slices.Clone(settings), "DJANGO_SUPERUSER_PASSWORD="+staffPassword), "createsuperuser", "--noinput", "--username", username)
}

// visitor is a browser without a screen: it keeps cookies, follows nothing, and
// says it comes from an address of its own.
type visitor struct {
	t      *testing.T
	s      *server
	client http.Client
	from   string
}

func (s *server) visitor(from string) *visitor {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &visitor{s.t, s, http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, from}
}

// send sends a form, or with none asks for a page.
func (v *visitor) send(path string, form url.Values) (answer received, err error) {
	method, body := http.MethodGet, ""
	if form != nil {
		method = http.MethodPost
		token := form.Get("csrfmiddlewaretoken")
		form.Del("csrfmiddlewaretoken")
		body = "csrfmiddlewaretoken=" + url.QueryEscape(token) + "&" + form.Encode()
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.s.url+path, strings.NewReader(body))
	if err != nil {
		return received{}, err
	}
	r.Header.Set("X-Forwarded-For", v.from)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got, err := v.client.Do(r)
	if err != nil {
		return received{}, err
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	return received{got.StatusCode, got.Header, string(text)}, err
}

var formToken = regexp.MustCompile(`name="csrfmiddlewaretoken" value="([^"]+)"`)

// logIn fills the login form in and returns the answer.
func (v *visitor) logIn(username, password string) (received, error) {
	page, err := v.send("/admin/login/", nil)
	if err != nil {
		return received{}, err
	}
	token := formToken.FindStringSubmatch(page.body)
	if token == nil {
		return received{}, fmt.Errorf("the login page has no token: %d %s", page.status, page.body)
	}
	return v.send("/admin/login/", url.Values{"csrfmiddlewaretoken": {token[1]}, "username": {username}, "password": {password}})
}

// TestStaff_Storm: of 200 wrong passwords at once, from as many addresses that
// are made up, no more are looked at than may be; another account logs in
// meanwhile, and others are answered.
func TestStaff_Storm(t *testing.T) {
	t.Parallel()
	onBoth(t, storm)
}

func storm(t *testing.T, settings []string) {
	t.Helper()
	s := startServer(t, t.TempDir(), append(settings, "AUTO_MIGRATE=true", "API_PERMISSION=AllowAny")...)
	addSuperuser(t, settings, "boss")
	addSuperuser(t, settings, "other")
	over := make(chan struct{})
	waits := make(chan []time.Duration, 1)
	go func() { waits <- s.readUntil(over) }()
	statuses := guessAtOnce(t, func(_ int, from string) (received, error) { return s.visitor(from).logIn("boss", "wrong") },
		func() { s.logInMeanwhile("other") })
	close(over)
	latencies := <-waits
	slices.Sort(latencies)
	t.Logf("%d other requests meanwhile, p99 %v", len(latencies), latencies[len(latencies)*99/100])
	wantLimited(t, settings, statuses, http.StatusOK)
}

// guesses are how many wrong passwords arrive at once, and allowedGuesses how many
// of them may be evaluated.
const guesses, allowedGuesses = 200, 10

// guessAtOnce sends all guesses at once, from as many addresses that are made up,
// and calls meanwhile. It returns how often each status came.
func guessAtOnce(t *testing.T, guess func(n int, from string) (received, error), meanwhile func()) map[int]int {
	t.Helper()
	var mu sync.Mutex
	statuses := map[int]int{}
	var storm sync.WaitGroup
	for n := range guesses {
		storm.Go(func() {
			got, err := guess(n, fmt.Sprintf("198.51.100.%d", n))
			mu.Lock()
			defer mu.Unlock()
			statuses[got.status]++
			if err != nil {
				t.Error(err)
			}
		})
	}
	meanwhile()
	storm.Wait()
	return statuses
}

// wantLimited checks that no more guesses were evaluated, which have that status,
// than are allowed, and that the others were refused.
func wantLimited(t *testing.T, settings []string, statuses map[int]int, evaluatedStatus int) {
	t.Helper()
	evaluated := strings.Count(commanded(t, settings, "audit", "export"), ",login_failed,")
	t.Logf("%d guesses: statuses %v, %d evaluated", guesses, statuses, evaluated)
	if evaluated == 0 || evaluated > allowedGuesses || evaluated != statuses[evaluatedStatus] {
		t.Errorf("%d of %d were evaluated, want 1 to %d", evaluated, guesses, allowedGuesses)
	}
	if refused := statuses[http.StatusTooManyRequests] + statuses[http.StatusServiceUnavailable]; refused+evaluated != guesses {
		t.Errorf("got the statuses %v, want 429 or 503 for all that were not evaluated", statuses)
	}
}

// logInMeanwhile logs in, trying again while too many passwords are looked at.
func (s *server) logInMeanwhile(username string) {
	s.t.Helper()
	v := s.visitor("203.0.113.1")
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		got, err := v.logIn(username, staffPassword)
		switch {
		case err != nil:
			s.t.Fatal(err)
		case got.status == http.StatusFound:
			return
		case got.status != http.StatusServiceUnavailable:
			s.t.Fatalf("got %d %s, want to be logged in", got.status, got.body)
		}
	}
	s.t.Error("no other account can log in")
}

// readUntil reads a page of users again and again, and returns how long each took.
func (s *server) readUntil(over <-chan struct{}) (latencies []time.Duration) {
	v := s.visitor("203.0.113.2")
	for {
		begin := time.Now()
		got, err := v.send("/api/users/", nil)
		if err != nil || got.status != http.StatusOK {
			s.t.Errorf("meanwhile: got %d, %v", got.status, err)
			return append(latencies, 0)
		}
		latencies = append(latencies, time.Since(begin))
		select {
		case <-over:
			return latencies
		default:
		}
	}
}

// TestStaff_Django: accounts that Roster makes log in with Django, and a password
// that Django changes ends the sessions here.
func TestStaff_Django(t *testing.T) {
	t.Parallel()
	onBoth(t, staffThereAndBack)
}

func staffThereAndBack(t *testing.T, settings []string) {
	t.Helper()
	d := newDjango(t, settings)
	d.load()
	s := startServer(t, t.TempDir(), append(settings, "AUTO_MIGRATE=true", "PASSWORD_HASHER=pbkdf2_sha256")...)
	addSuperuser(t, append(slices.Clone(settings), "PASSWORD_HASHER=pbkdf2_sha256"), "made.here")
	d.want("made.here", "login", "made.here", staffPassword)
	for username, password := range map[string]string{"made.here": staffPassword, "editor": "Ed1tor-battery-staple", "scrypted": "Hash3d-battery-staple"} {
		v := s.visitor("203.0.113.3")
		if got, err := v.logIn(username, password); err != nil || got.status != http.StatusFound {
			t.Fatalf("%s: got %d, %v", username, got.status, err)
		}
		if got, err := v.send("/admin/sessions/", nil); err != nil || got.status != http.StatusOK {
			t.Errorf("%s: got %d, %v", username, got.status, err)
		}
	}
	d.want("scrypted", "login", "scrypted", "Hash3d-battery-staple") // whose hash is a new one now
	v := s.visitor("203.0.113.4")
	if _, err := v.logIn("made.here", staffPassword); err != nil {
		t.Fatal(err)
	}
	d.run("password", "made.here", "By-django-77-staple")
	if got, err := v.send("/admin/sessions/", nil); err != nil || got.status != http.StatusFound {
		t.Errorf("after another password: got %d, %v, want to be sent to the login", got.status, err)
	}
}
