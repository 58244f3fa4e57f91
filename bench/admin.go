package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// adminPassword is that of the only account of a database that is dropped at
// the end.
const adminPassword = "correct-horse-battery-staple"

// adminSamples is how often each page is asked for.
const adminSamples = 30

// adminPage is a list of the admin site.
type adminPage struct{ name, query string }

func adminPages(users int) []adminPage {
	one := fmt.Sprintf("user%07d", users/2+1)
	return []adminPage{
		{"list, first page", ""},
		{"list, page in the middle", fmt.Sprintf("?p=%d", max(1, users/200))},
		{"list, last page", fmt.Sprintf("?p=%d", max(1, users/100))},
		{"search, all have it", "?q=user"},
		{"search, one of them", "?q=" + one},
		{"search, no match", "?q=nomatch"},
		{"search, no match, two letters", "?q=zq"},
		{"search, six digits alike", "?q=999999"},
		{"search, one in 1,000", "?q=" + one[:8]},
		{"search, one in 3,000, two words", "?q=ada+rowanwood"},
		{"search, one in 100", "?q=rowanwood"},
		{"search, one in 100, page 20", "?q=rowanwood&p=20"},
		{"search, one in 100, digits", "?q=%2B4912"},
		{"search, one in 30", "?q=ada"},
		{"search, one in 30, two words", "?q=ada+example.com"},
		{"search, one in 30, one letter", "?q=王"},
		{"search, one in 30, by last name", "?q=ada&o=4"},
		{"filter", "?is_active__exact=0"},
		{"filter, page in the middle", fmt.Sprintf("?is_active__exact=0&p=%d", max(1, users/1000))},
		{"filter and search", "?is_active__exact=0&q=" + one[:8]},
		{"filter and common search", "?is_active__exact=0&q=ada"},
		{"year", "?created_at__year=2025"},
		{"month", "?created_at__year=2025&created_at__month=3"},
		{"day", "?created_at__year=2025&created_at__month=3&created_at__day=1"},
		{"year and filter", "?created_at__year=2025&is_active__exact=0"},
		{"year and search", "?created_at__year=2025&q=rowanwood"},
		{"by username", "?o=1"},
		{"by username, page in the middle", fmt.Sprintf("?o=1&p=%d", max(1, users/200))},
		{"by e-mail", "?o=2"},
		{"by active", "?o=6"},
		{"by first name", "?o=3"},
		{"by updated_at", "?o=8"},
	}
}

// admin prints a line for each list of the admin site: how long it takes, one
// after the other, and how many times as long as the same bytes take that a bare
// handler sends.
func (c contest) admin(ctx context.Context, binary string, environ []string) error {
	waited, err := c.awaitIndex(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%s: searches use the index %s after the start\n", c.name(), waited.Round(100*time.Millisecond))
	client, err := c.login(ctx, binary, environ)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "%s, %d users, admin site\tmedian ms\tp99 ms\tfloor ms\tratio\t\n", c.name(), c.o.users)
	for _, p := range adminPages(c.o.users) {
		body, took, err := timed(ctx, client, "http://"+c.server.address+"/admin/users/tuser/"+p.query)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		_, bare, err := timedFloor(ctx, body)
		if err != nil {
			return fmt.Errorf("%s: floor: %w", p.name, err)
		}
		fmt.Fprintf(table, "%s\t%.1f\t%.1f\t%.2f\t%.0f\t\n", p.name, milliseconds(took, 50), milliseconds(took, 99), milliseconds(bare, 50),
			milliseconds(took, 50)/milliseconds(bare, 50))
	}
	fmt.Println()
	return table.Flush()
}

// awaitIndex waits until searches use their index, and returns how long.
func (c contest) awaitIndex(ctx context.Context) (waited time.Duration, err error) {
	db, err := c.store(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for start := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		if ready, err := db.IsIndexed(ctx); err != nil || ready {
			return time.Since(start), err
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
	}
}

var loginToken = regexp.MustCompile(`name="csrfmiddlewaretoken" value="([^"]+)"`)

// command runs roster and returns its standard output.
func command(ctx context.Context, binary string, environ []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(slices.Clone(environ), "DJANGO_SUPERUSER_PASSWORD="+adminPassword)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("roster %s: %w\n%s", args[0], err, errs.String())
	}
	return strings.TrimSpace(string(out)), err
}

// addAccount makes a superuser.
func addAccount(ctx context.Context, binary string, environ []string, username string) error {
	_, err := command(ctx, binary, environ, "createsuperuser", "--noinput", "--username", username, "--email", username+"@example.com")
	return err
}

// login makes an account and returns a client that is logged in.
func (c contest) login(ctx context.Context, binary string, environ []string) (*http.Client, error) {
	if err := addAccount(ctx, binary, environ, "bench"); err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client, address := &http.Client{Jar: jar}, "http://"+c.server.address+"/admin/login/"
	page, err := get(ctx, client, address)
	if err != nil {
		return nil, err
	}
	token := loginToken.FindSubmatch(page)
	if token == nil {
		return nil, errors.New("the login page has no token")
	}
	form := url.Values{"csrfmiddlewaretoken": {string(token[1])}, "username": {"bench"}, "password": {adminPassword}}
	answer, err := client.PostForm(address, form)
	if err != nil {
		return nil, err
	}
	_ = answer.Body.Close() // what matters is the cookie
	return client, nil
}

func get(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err == nil && (answer.StatusCode != http.StatusOK || answer.Request.URL.String() != address) {
		err = fmt.Errorf("%s: got %s of %s", address, answer.Status, answer.Request.URL)
	}
	return body, err
}

// timed asks again and again, and returns the last answer and how long each took, the shortest first.
func timed(ctx context.Context, client *http.Client, address string) (body []byte, took []time.Duration, err error) {
	for range adminSamples {
		start := time.Now()
		if body, err = get(ctx, client, address); err != nil {
			return nil, nil, err
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	return body, took, nil
}

func timedFloor(ctx context.Context, body []byte) ([]byte, []time.Duration, error) {
	ctx, cancel := context.WithCancel(ctx) // ends the floor
	defer cancel()
	floor, err := startFloor(ctx, body)
	if err != nil {
		return nil, nil, err
	}
	return timed(ctx, &http.Client{}, "http://"+floor.address+"/")
}

// milliseconds returns a percentile of ascending times.
func milliseconds(took []time.Duration, percent int) float64 {
	return float64(took[(len(took)-1)*percent/100]) / float64(time.Millisecond)
}
