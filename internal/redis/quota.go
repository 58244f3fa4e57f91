package redis

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

const (
	// quotaLimit is the timeout of one count. A request waits for it.
	quotaLimit = 250 * time.Millisecond
	// quotaPause is how long Quotas leaves Redis alone after a failure.
	quotaPause = 2 * time.Second
)

var errPausing = errors.New("redis failed a moment ago")

// takeQuota is a token bucket (GCRA): the key holds the time in microseconds at
// which the bucket is full again, by the clock of the server. It returns the
// requests left and how long to wait in microseconds.
var takeQuota = rueidis.NewLuaScript(`
local t = redis.call('TIME')
local now, every, limit = t[1] * 1000000 + t[2], tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + every
local wait = full - now - limit * every
if wait > 0 then return {0, math.ceil(wait)} end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return {math.floor(-wait / every), 0}`)

// Quotas counts the use of quotas for all processes that use the same Redis and
// database number. It is safe for concurrent use.
type Quotas struct {
	options Options
	log     *slog.Logger
	stop    context.CancelFunc
	ctx     context.Context //nolint:containedctx // of the connections, which Close ends

	mu     sync.Mutex
	client rueidis.Client // nil until connected
	resume time.Time      // when to try again after a failure
	failed bool           // the last attempt
}

// NewQuotas connects when it is first used. Call Close when done.
func NewQuotas(o Options, log *slog.Logger) *Quotas {
	ctx, stop := context.WithCancel(context.Background())
	return &Quotas{options: o, log: log, ctx: ctx, stop: stop}
}

// Close closes the connections. It may be called repeatedly.
func (q *Quotas) Close() {
	q.stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.client != nil {
		q.client.Close()
		q.client = nil
	}
}

// Take uses one of limit requests in a period, which come back evenly. It returns
// the number of requests left, and how long to wait if there was none, in which
// case nothing is counted. It returns an error within a quarter of a second if
// Redis does not answer, and at once for two seconds afterwards.
func (q *Quotas) Take(ctx context.Context, key string, limit int, window time.Duration) (left int, wait time.Duration, err error) {
	client, err := q.connected()
	if err != nil {
		return 0, 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, quotaLimit)
	defer cancel()
	every := float64(window.Microseconds()) / float64(limit)
	name := "roster:quota:" + strconv.Itoa(q.options.Database) + ":" + key
	answer, err := takeQuota.Exec(ctx, client, []string{name},
		[]string{strconv.FormatFloat(every, 'f', -1, 64), strconv.Itoa(limit)}).AsIntSlice()
	if err == nil && len(answer) != 2 {
		err = errors.New("an answer of another length")
	}
	q.note(err)
	if err != nil {
		return 0, 0, err
	}
	return int(answer[0]), time.Duration(answer[1]) * time.Microsecond, nil
}

// connected returns the client, and connects if there is none.
func (q *Quotas) connected() (rueidis.Client, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if time.Now().Before(q.resume) {
		return nil, errPausing
	}
	if q.client != nil {
		return q.client, nil
	}
	q.resume = time.Now().Add(quotaPause) // for requests that come meanwhile
	go q.connect()
	return nil, errConnecting
}

// connect connects in the background, because a request must not wait for it.
func (q *Quotas) connect() {
	security, err := q.options.security()
	var client rueidis.Client
	if err == nil {
		client, err = rueidis.NewClient(q.options.clientOption(q.ctx, q.options.Addresses, security))
	}
	if err != nil {
		q.note(err)
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ctx.Err() != nil {
		client.Close()
		return
	}
	q.client, q.resume = client, time.Time{}
}

// note logs the first failure and the recovery, and pauses after a failure.
func (q *Quotas) note(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if errors.Is(err, context.Canceled) { // the client went away
		return
	}
	if err != nil {
		q.resume = time.Now().Add(quotaPause)
	}
	switch {
	case err != nil && !q.failed:
		q.log.Warn("rate limits are counted by each process, because Redis does not answer", "cause", q.options.explain(err))
	case err == nil && q.failed:
		q.log.Info("rate limits are counted by all processes together again")
	}
	q.failed = err != nil
}
