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
	const tries, allowed = 200, 10
	var mu sync.Mutex
	statuses := map[int]int{}
	var storm sync.WaitGroup
	for i := range tries {
		v := s.visitor(fmt.Sprintf("198.51.100.%d", i))
		storm.Go(func() {
			got, err := v.logIn("boss", "wrong")
			mu.Lock()
			defer mu.Unlock()
			statuses[got.status]++
			if err != nil {
				t.Error(err)
			}
		})
	}
	over := make(chan struct{})
	waits := make(chan []time.Duration, 1)
	go func() { waits <- s.readUntil(over) }()
	s.logInMeanwhile("other")
	storm.Wait()
	close(over)
	latencies := <-waits
	slices.Sort(latencies)
	evaluated := strings.Count(commanded(t, settings, "audit", "export"), ",login_failed,")
	t.Logf("%d tries: statuses %v, %d evaluated; %d other requests meanwhile, p99 %v", tries, statuses, evaluated,
		len(latencies), latencies[len(latencies)*99/100])
	if evaluated == 0 || evaluated > allowed || evaluated != statuses[http.StatusOK] {
		t.Errorf("%d of %d were evaluated, want 1 to %d", evaluated, tries, allowed)
	}
	if refused := statuses[http.StatusTooManyRequests] + statuses[http.StatusServiceUnavailable]; refused+evaluated != tries {
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
