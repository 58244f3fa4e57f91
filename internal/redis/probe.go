package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// Report is the result of Probe.
type Report struct {
	Version string        // of the server; "" if unknown
	Policy  string        // maxmemory-policy; "" if unknown
	AOF     bool          // appendonly is on
	Took    time.Duration // from publishing to hearing
}

// oldest is the first major version that is supported.
const oldest = "6"

// Probe publishes a message to itself. The error, one line, states why Redis
// cannot be used. It takes at most ten seconds.
func Probe(ctx context.Context, o Options) (Report, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*answerLimit)
	defer cancel()
	client, err := connect(ctx, o)
	if err != nil {
		return Report{}, o.explain(err)
	}
	defer client.Close()
	took, err := roundTrip(ctx, line{client, o.channel()})
	if err != nil {
		return Report{}, o.explain(err)
	}
	r := Report{Took: took}
	r.look(ctx, client)
	if major, _, _ := strings.Cut(r.Version, "."); major != "" && len(major) == len(oldest) && major < oldest {
		return r, fmt.Errorf("%s has version %s; Redis %s or later is needed", o, r.Version, oldest)
	}
	return r, nil
}

// roundTrip measures how long a message takes to return.
func roundTrip(ctx context.Context, l line) (time.Duration, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	me, heard := message{From: rand.Text()}, make(chan struct{}, 1)
	subscribed, failed := make(chan struct{}, 1), make(chan error, 1)
	go func() {
		failed <- l.subscribe(ctx, subscribed, func(m message) {
			if m.From == me.From {
				poke(heard)
			}
		})
	}()
	limit := time.After(answerLimit)
	begin := time.Now()
	for {
		select {
		case err := <-failed:
			return 0, err
		case <-subscribed:
			begin = time.Now()
			if err := l.publish(ctx, me); err != nil {
				return 0, err
			}
		case <-heard:
			return time.Since(begin), nil
		case <-limit:
			return 0, errors.Join(errDeaf, ctx.Err())
		}
	}
}

// look reads the server's information, for which not every user has permission.
func (r *Report) look(ctx context.Context, client rueidis.Client) {
	info, _ := client.Do(ctx, client.B().Info().Build()).ToString() // "" without permission
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "redis_version":
			r.Version = value
		case "maxmemory_policy":
			r.Policy = value
		case "aof_enabled":
			r.AOF = value == "1"
		}
	}
}
