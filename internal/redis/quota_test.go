package redis_test

import (
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/redis"
	"roster/internal/redis/redistest"
)

// quotas returns a process's quotas, and its log.
func quotas(t *testing.T, o redis.Options) (*redis.Quotas, *lines) {
	t.Helper()
	log := &lines{}
	q := redis.NewQuotas(o, slog.New(slog.NewTextHandler(log, nil)))
	t.Cleanup(q.Close)
	return q, log
}

// counts waits until the quotas count.
func counts(t *testing.T, q *redis.Quotas) {
	t.Helper()
	eventually(t, "Redis to count", func() bool {
		_, _, err := q.Take(t.Context(), "warm", 1_000_000, time.Hour)
		return err == nil
	})
}

// Of requests at once in several processes, as many are allowed as the quota has.
func TestQuotas_Exact(t *testing.T) {
	t.Parallel()
	nodes := redistest.StartCluster(t)
	for name, o := range map[string]redis.Options{
		"single":  {Addresses: []string{redistest.Start(t).Address()}},
		"cluster": {Mode: redis.Cluster, Addresses: []string{nodes[0].Address(), nodes[1].Address()}},
	} {
		const limit, processes, each = 50, 4, 40
		var allowed, refused atomic.Int64
		var all sync.WaitGroup
		for range processes {
			q, _ := quotas(t, o)
			counts(t, q)
			for range each {
				all.Go(func() {
					_, wait, err := q.Take(t.Context(), "a1", limit, 24*time.Hour)
					switch {
					case err != nil:
						t.Error(err)
					case wait == 0:
						allowed.Add(1)
					default:
						refused.Add(1)
					}
				})
			}
		}
		all.Wait()
		if allowed.Load() != limit || refused.Load() != processes*each-limit {
			t.Errorf("%s: got %d allowed and %d refused, want %d allowed", name, allowed.Load(), refused.Load(), limit)
		}
	}
}

// The quota counts down and says how long to wait; keys, and database numbers,
// are apart.
func TestQuotas_Take(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	o := redis.Options{Addresses: []string{server.Address()}}
	q, _ := quotas(t, o)
	counts(t, q)
	for _, want := range []int{2, 1, 0} {
		if left, wait, err := q.Take(t.Context(), "a1", 3, 3*time.Hour); left != want || wait != 0 || err != nil {
			t.Errorf("got %d left, %s, %v, want %d", left, wait, err, want)
		}
	}
	left, wait, err := q.Take(t.Context(), "a1", 3, 3*time.Hour)
	if left != 0 || wait < 58*time.Minute || wait > time.Hour || err != nil {
		t.Errorf("got %d left, %s, %v, want to wait an hour", left, wait, err)
	}
	o.Database = 1
	other, _ := quotas(t, o)
	counts(t, other)
	for who, take := range map[string]func() (int, time.Duration, error){
		"another key":      func() (int, time.Duration, error) { return q.Take(t.Context(), "a2", 3, 3*time.Hour) },
		"another database": func() (int, time.Duration, error) { return other.Take(t.Context(), "a1", 3, 3*time.Hour) },
	} {
		if left, wait, err := take(); left != 2 || wait != 0 || err != nil {
			t.Errorf("%s: got %d left, %s, %v, want a quota of its own", who, left, wait, err)
		}
	}
	if got := server.Do(t, "PTTL roster:quota:0:a1"); !strings.HasPrefix(got, ":10") || len(got) != len(":10800000") {
		t.Errorf("the key lives for %s ms, want until the quota is whole again", got)
	}
}

// While Redis is away, callers get an error at once, and the log says so once.
func TestQuotas_Away(t *testing.T) {
	t.Parallel()
	for _, fault := range []redistest.Fault{redistest.Killed, redistest.Frozen} {
		server := redistest.Start(t)
		q, log := quotas(t, redis.Options{Addresses: []string{server.Address()}})
		counts(t, q)
		server.Break(t, fault)
		eventually(t, "Redis to fail", func() bool {
			_, _, err := q.Take(t.Context(), "a1", 1_000_000, time.Hour)
			return err != nil
		})
		for range 100 {
			if _, _, err := q.Take(t.Context(), "a1", 1_000_000, time.Hour); err == nil {
				t.Errorf("%s: Redis counts", fault)
			}
		}
		server.Mend(t, fault)
		counts(t, q)
		eventually(t, "the log of the recovery", func() bool { return strings.Contains(log.String(), "all processes together again") })
		if got := strings.Count(log.String(), "counted by each process"); got != 1 {
			t.Errorf("%s: the log has the failure %d times: %s", fault, got, log)
		}
	}
}
