package mysql_test

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/store/mysql"
)

// awaited returns what the log has of a wait, a line for each message with how
// long it was until then, and the error.
func awaited(ctx context.Context, limit time.Duration, check func(waited time.Duration) error) (lines []string, err error) {
	var text bytes.Buffer
	log := slog.New(slog.NewTextHandler(&text, nil))
	began := time.Now()
	err = mysql.AwaitServer(ctx, limit, log, func(context.Context) error { return check(time.Since(began)) })
	for _, line := range regexp.MustCompile(`level=(\S+) msg=("[^"]*"|\S+) waited=(\S+)`).FindAllStringSubmatch(text.String(), -1) {
		lines = append(lines, line[1]+" "+strings.Trim(line[2], `"`)+" "+line[3])
	}
	if got := strings.Count(text.String(), "\n"); got != len(lines) {
		err = errors.Join(err, errors.New("other lines: "+text.String()))
	}
	return lines, err
}

// warnedAt returns when the log said that the wait goes on.
func warnedAt(t *testing.T, lines []string) (at []time.Duration) {
	t.Helper()
	for _, line := range lines {
		waited, found := strings.CutPrefix(line, "WARN waiting for the database ")
		if !found {
			continue
		}
		d, err := time.ParseDuration(waited)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		at = append(at, d.Round(time.Second))
	}
	return at
}

// A wait is logged at once, then ever more seldom, and once when it is over.
func TestAwaitServer_Answers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lines, err := awaited(t.Context(), time.Hour, func(waited time.Duration) error {
			if waited < 2*time.Minute {
				return driver.ErrBadConn
			}
			return nil
		})
		got, want := lines[len(lines)-1], "INFO the database is available 2m0."
		if err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("got %q at the end, %v, want %s", got, err, want)
		}
		at := warnedAt(t, lines)
		if len(at) != len(lines)-1 || len(at) < 8 || len(at) > 10 || at[0] != 0 {
			t.Fatalf("got %q, want nine warnings and the end", lines)
		}
		for i := range at[1:] {
			if silent, longest := at[i+1]-at[i], 32*time.Second; silent < time.Second || silent > longest {
				t.Errorf("got warnings at %v, want them apart by 1 s to %s", at, longest)
			}
		}
	})
}

func TestAwaitServer_Ends(t *testing.T) {
	t.Parallel()
	broken := errors.New("access denied")
	for _, c := range []struct {
		limit time.Duration
		then  error // after half a second
		want  []string
	}{
		{0, driver.ErrBadConn, nil},
		{time.Minute, broken, []string{"WARN waiting for the database 0s", "ERROR no longer waiting for the database 700ms"}},
		{400 * time.Millisecond, driver.ErrBadConn, []string{"WARN waiting for the database 0s", "ERROR no longer waiting for the database 300ms"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			got, err := awaited(t.Context(), c.limit, func(waited time.Duration) error {
				if waited < 500*time.Millisecond {
					return driver.ErrBadConn
				}
				return c.then
			})
			if strings.Join(got, ", ") != strings.Join(c.want, ", ") || !errors.Is(err, c.then) {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestAwaitServer_Canceled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := awaited(ctx, time.Minute, func(waited time.Duration) error {
			if waited > time.Second {
				cancel()
			}
			return driver.ErrBadConn
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want that it was canceled", err)
		}
	})
}
