package retention_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"roster/internal/retention"
)

// table is a table of rows that are all due. Deleting a batch takes a while.
type table struct {
	mu            sync.Mutex // guards the fields while a keeper runs
	rows, largest int
	took          time.Duration
	err           error
	calls         []time.Time
	kept          time.Duration // how far before is in the past
}

func (b *table) drop(_ context.Context, before time.Time, limit int) (int64, error) {
	<-time.After(b.took)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls, b.kept = append(b.calls, time.Now().Add(-b.took)), time.Since(before)-b.took
	if b.err != nil {
		return 0, b.err
	}
	n := min(b.rows, limit)
	b.rows, b.largest = b.rows-n, max(b.largest, n)
	return int64(n), nil
}

// fail lets deleting fail with err from now on, nil to succeed.
func (b *table) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
}

// Every due row goes in one go, in small transactions with rests.
func TestKeeper_DeletesUntilNothingIsDue(t *testing.T) {
	t.Parallel()
	for _, took := range []time.Duration{0, 20 * time.Millisecond, 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			b := &table{rows: 20 * retention.Batch, took: took}
			k := retention.Start(slog.New(slog.DiscardHandler), retention.Older("t", time.Hour, b.drop))
			time.Sleep(took*42 + 45*time.Second)
			k.Stop()
			if b.rows != 0 || b.largest != retention.Batch || b.kept < time.Hour {
				t.Errorf("%v: %d left, %d at once, kept %v", took, b.rows, b.largest, b.kept)
			}
			for i, at := range b.calls[1:21] { // twenty batches, and one that finds nothing
				if rest := at.Sub(b.calls[i]) - took; rest < min(max(took/2, 5*time.Millisecond), 2*time.Second) {
					t.Fatalf("%v: a rest of %v", took, rest)
				}
			}
		})
	}
}

// What fails is logged once, tried again each minute, and holds nothing else up.
func TestKeeper_LogsAFailureOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		broken, sound := &table{rows: 1, err: errors.New("no disk")}, &table{rows: 1}
		k := retention.Start(slog.New(slog.NewTextHandler(&log, nil)),
			retention.Older("broken", 0, broken.drop), retention.Older("sound", 0, sound.drop))
		time.Sleep(10*time.Minute + time.Second)
		synctest.Wait()
		if strings.Count(log.String(), "no disk") != 1 || sound.rows != 0 || len(broken.calls) != 11 {
			t.Errorf("got %s after %d tries, %d left of the sound table", &log, len(broken.calls), sound.rows)
		}
		broken.fail(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		broken.fail(errors.New("no disk"))
		time.Sleep(time.Minute)
		k.Stop()
		k.Stop()
		if strings.Count(log.String(), "no disk") != 2 || broken.rows != 0 {
			t.Errorf("got %s, want the new failure too", &log)
		}
	})
}

// A rule with an interval of its own is applied at the start and then as often.
func TestKeeper_Every(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &table{}
		rule := retention.Older("t", 0, b.drop)
		rule.Every = time.Hour
		k := retention.Start(slog.New(slog.DiscardHandler), rule)
		time.Sleep(2*time.Hour + time.Second)
		k.Stop()
		if len(b.calls) != 3 || b.calls[1].Sub(b.calls[0]) != time.Hour {
			t.Errorf("applied at %v, want three times, an hour apart", b.calls)
		}
	})
}

// A keeper that is stopped while it rests deletes no more, and reports nothing.
func TestKeeper_StopsWhileItRests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		b := &table{rows: 10 * retention.Batch, took: time.Second}
		k := retention.Start(slog.New(slog.NewTextHandler(&log, nil)), retention.Older("t", 0, b.drop))
		time.Sleep(1200 * time.Millisecond)
		k.Stop()
		if b.rows != 9*retention.Batch || strings.Contains(log.String(), "ERROR") {
			t.Errorf("%d left, log %s", b.rows, &log)
		}
	})
}
