package task_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/task"
)

// A run that failed is tried again until it has failed as often as its kind allows.
// Errors that another attempt does not change are final at once.
func TestKind_AfterError(t *testing.T) {
	t.Parallel()
	k := kindOf(task.Kind{MaxAttempts: 3}, nil)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		attempts int // before this one
		err      error
		want     task.State
	}{
		{0, errors.New("no"), task.Pending}, {1, errors.New("no"), task.Pending}, {2, errors.New("no"), task.Dead}, {3, errors.New("no"), task.Dead},
		{0, fault.New(fault.Unavailable, "no"), task.Pending}, {0, fault.New(fault.Conflict, "no"), task.Pending},
		{0, fault.New(fault.Invalid, "no"), task.Dead}, {0, fault.New(fault.Unprocessable, "no"), task.Dead},
		{0, fmt.Errorf("it says: %w", fault.New(fault.Invalid, "no")), task.Dead},
	} {
		o := task.AfterError(k, task.Task{Attempts: c.attempts}, c.err, now)
		if o.State != c.want || o.Attempts != 1 || o.Crashes != 0 || o.Error != c.err.Error() || !o.At.Equal(now) || !o.RunAt.After(now) {
			t.Errorf("%v after %d attempts: got %+v, want %s", c.err, c.attempts, o, c.want)
		}
	}
	for in, want := range map[time.Duration]time.Duration{-time.Hour: 0, 0: 0, time.Microsecond: time.Microsecond, time.Hour: time.Hour} {
		o := task.AfterError(k, task.Task{Attempts: 9}, fmt.Errorf("more: %w", &task.Later{In: in, Reason: "more is to come"}), now)
		if o.State != task.Pending || o.Attempts != 0 || o.Error != "more is to come" || !o.RunAt.Equal(now.Add(want)) {
			t.Errorf("later in %v: got %+v", in, o)
		}
	}
}

// The waits double from the first to an hour, with a jitter of a quarter.
func TestKind_Backoff(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	k := kindOf(task.Kind{MaxAttempts: 99, Backoff: 10 * time.Second}, nil)
	for attempts, want := range map[int]time.Duration{
		0: 10 * time.Second, 1: 20 * time.Second, 2: 40 * time.Second, 8: 2560 * time.Second, 9: time.Hour, 10: time.Hour, 98: time.Hour,
	} {
		least, most := 2*time.Hour, time.Duration(0)
		for range 200 {
			wait := task.AfterError(k, task.Task{Attempts: attempts}, errors.New("no"), now).RunAt.Sub(now)
			least, most = min(least, wait), max(most, wait)
		}
		if least < want*3/4 || most > want*5/4 || least > want || most < want {
			t.Errorf("after %d attempts: waits of %v to %v, want %v and a quarter of it", attempts+1, least, most, want)
		}
	}
}

// A run that crashed runs again at once, until it has crashed as often as its kind
// allows, or someone has canceled it.
func TestKind_AfterCrash(t *testing.T) {
	t.Parallel()
	k := kindOf(task.Kind{MaxCrashes: 3}, nil)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		crashes  int // before this one
		canceled bool
		want     task.State
		text     string
	}{
		{0, false, task.Pending, "lost"}, {1, false, task.Pending, "lost"},
		{2, false, task.Dead, "given up after 3 crashes; the last: lost"}, {3, false, task.Dead, "given up after 4 crashes; the last: lost"},
		{0, true, task.Canceled, "lost"}, {2, true, task.Canceled, "lost"},
	} {
		o := task.AfterCrash(k, task.Task{Crashes: c.crashes, CancelAsked: c.canceled}, "lost", "at main.go", now)
		if want := (task.Outcome{State: c.want, Error: c.text, Stack: "at main.go", Crashes: 1, At: now, RunAt: now}); fmt.Sprint(o) != fmt.Sprint(want) {
			t.Errorf("after %d crashes, canceled %t: got %+v, want %+v", c.crashes, c.canceled, o, want)
		}
	}
}

// The zero values of a kind mean these.
func TestDefine_Defaults(t *testing.T) {
	t.Parallel()
	run := func(context.Context, *task.Job, args) (any, error) { return nil, nil }
	k := task.Define(task.Kind{Name: "x", Version: 7}, run)
	if k.Oldest != 7 || k.Queue != "default" || k.Priority != 5 || k.Timeout != 5*time.Minute || k.MaxAttempts != 5 || k.MaxCrashes != 3 ||
		k.Backoff != 10*time.Second || k.Concurrency != 0 || k.Rate != 0 {
		t.Errorf("got %+v", k)
	}
	own := task.Kind{
		Name: "x", Version: 7, Oldest: 2, Queue: "own", Priority: 9, Timeout: time.Second, MaxAttempts: 1, MaxCrashes: 1,
		Backoff: time.Second, Concurrency: 2, Rate: time.Second,
	}
	k = task.Define(own, run)
	if k.Oldest != 2 || k.Queue != "own" || k.Priority != 9 || k.Timeout != time.Second || k.MaxAttempts != 1 || k.MaxCrashes != 1 || k.Backoff != time.Second {
		t.Errorf("got %+v", k)
	}
	for version, want := range map[int]bool{1: false, 2: true, 3: true, 6: true, 7: true, 8: false} {
		if k.Reads(version) != want {
			t.Errorf("version %d: reads it: %t", version, !want)
		}
	}
	at := time.Date(2026, 11, 23, 13, 0, 0, 1999, time.FixedZone("x", 3600))
	n, err := k.New(at, "ann", nil)
	if err != nil || string(n.Args) != "{}" || n.Kind != "x" || n.Version != 7 || n.Queue != "own" || n.Priority != 9 || n.Actor != "ann" ||
		!n.At.Equal(at.Truncate(time.Microsecond)) || n.RunAt != n.At || n.At.Location() != time.UTC {
		t.Errorf("got %+v, %v", n, err)
	}
	for _, wrong := range []any{func() {}, "text", map[string]int{"m": 1}} {
		if _, err := k.New(at, "ann", wrong); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "The arguments of x cannot be") {
			t.Errorf("%T: got %v, want Invalid", wrong, err)
		}
	}
}
