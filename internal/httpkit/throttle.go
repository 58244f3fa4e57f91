package httpkit

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"roster/internal/access"
	"roster/internal/fault"
)

// Quota is a number of requests in a period. The zero Quota is no limit.
type Quota struct {
	Limit  int
	Window time.Duration
}

// ScopeQuota is a quota of an account, or of an address without one, for a part of
// the API.
type ScopeQuota struct {
	Name string
	Quota
}

// SharedQuotas counts for several processes; *redis.Quotas implements it.
type SharedQuotas interface {
	// Take uses one of limit requests in a period. It returns the number of requests
	// left, and how long to wait if there was none.
	Take(ctx context.Context, key string, limit int, window time.Duration) (left int, wait time.Duration, err error)
}

// Throttle limits the requests of each account, and those of each client address
// that have no account. It is a token bucket of the size of the quota, refilled
// evenly over the period. It is safe for concurrent use.
type Throttle struct {
	Anonymous Quota // of each address; of IPv6 addresses, of each network of 64 bits
	Account   Quota // of each account
	// Scopes are further quotas, each of all routes with some permissions.
	Scopes map[access.Permission]ScopeQuota
	Now    func() time.Time
	Shared SharedQuotas // counts for all processes; nil, and while it fails: each process counts by itself

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

// maxBuckets limits the memory of a Throttle to some 20 MB.
const maxBuckets = 100_000

// Check counts a request for a route with that permission, and sets the headers
// RateLimit-Policy and RateLimit of the IETF draft
// draft-ietf-httpapi-ratelimit-headers-10. It returns a Throttled error, worded as
// in Django REST Framework, if a quota is used up; that quota does not count the
// request.
func (t *Throttle) Check(ctx context.Context, h http.Header, client string, actor access.Actor, p access.Permission) error {
	name, key, quota := "account", "a"+strconv.FormatInt(actor.ID(), 10), t.Account
	if actor.ID() == 0 {
		name, key, quota = "anonymous", networkOf(client), t.Anonymous
	}
	if err := t.count(ctx, h, name, key, quota); err != nil {
		return err
	}
	scope := t.Scopes[p]
	return t.count(ctx, h, scope.Name, scope.Name+" "+key, scope.Quota)
}

// count uses one request of a quota, and adds it to the headers.
func (t *Throttle) count(ctx context.Context, h http.Header, name, key string, quota Quota) error {
	if quota.Limit == 0 {
		return nil
	}
	left, wait := t.take(ctx, key, quota)
	every := quota.Window / time.Duration(quota.Limit)
	reset := math.Ceil((time.Duration(quota.Limit-left) * every).Seconds())
	h["Ratelimit-Policy"] = append(h["Ratelimit-Policy"], fmt.Sprintf(`"%s";q=%d;w=%d`, name, quota.Limit, int64(quota.Window.Seconds())))
	h["Ratelimit"] = append(h["Ratelimit"], fmt.Sprintf(`"%s";r=%d;t=%d`, name, left, int64(reset)))
	if wait == 0 {
		return nil
	}
	seconds := int64(math.Ceil(wait.Seconds()))
	unit := "seconds"
	if seconds == 1 {
		unit = "second"
	}
	return &fault.Error{
		Kind: fault.Throttled, RetryAfter: wait,
		Message: fmt.Sprintf("Request was throttled. Expected available in %d %s.", seconds, unit),
	}
}

// take uses one request of a quota. It returns the number of requests left, and
// how long to wait if there was none.
func (t *Throttle) take(ctx context.Context, key string, quota Quota) (left int, wait time.Duration) {
	if t.Shared != nil {
		if left, wait, err := t.Shared.Take(ctx, key, quota.Limit, quota.Window); err == nil {
			return left, wait
		}
	}
	return t.takeHere(key, quota)
}

// takeHere is take for this process alone.
func (t *Throttle) takeHere(key string, quota Quota) (left int, wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.Now()
	bucket := t.buckets[key]
	if bucket == nil {
		t.makeRoom(now)
		bucket = rate.NewLimiter(rate.Limit(float64(quota.Limit)/quota.Window.Seconds()), quota.Limit)
		t.buckets[key] = bucket
	}
	reserved := bucket.ReserveN(now, 1)
	if wait = reserved.DelayFrom(now); wait > 0 {
		reserved.CancelAt(now)
		return 0, wait
	}
	return int(bucket.TokensAt(now)), 0
}

// makeRoom drops the buckets that are full, which are as good as new ones, when
// there are too many; if none is full, it drops some of the others.
func (t *Throttle) makeRoom(now time.Time) {
	if t.buckets == nil {
		t.buckets = map[string]*rate.Limiter{}
	}
	if len(t.buckets) < maxBuckets {
		return
	}
	for key, b := range t.buckets {
		if b.TokensAt(now) >= float64(b.Burst()) {
			delete(t.buckets, key)
		}
	}
	for key := range t.buckets {
		if len(t.buckets) < maxBuckets*9/10 {
			return
		}
		delete(t.buckets, key)
	}
}
