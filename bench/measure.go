package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// side is one of the two things that are compared: it runs for a while and
// returns what it did a second.
type side func() (float64, error)

// result is what the rounds of a comparison gave: medians, and the least and
// greatest of the rounds' ratios.
type result struct{ roster, floor, ratio, least, greatest float64 }

// measure runs the two sides in turn.
func measure(rounds int, roster, floor side) (result, error) {
	var rosters, floors, ratios []float64
	for range rounds {
		a, err := roster()
		if err != nil {
			return result{}, err
		}
		b, err := floor()
		if err != nil {
			return result{}, fmt.Errorf("floor: %w", err)
		}
		rosters, floors, ratios = append(rosters, a), append(floors, b), append(ratios, a/b)
	}
	return result{median(rosters), median(floors), median(ratios), slices.Min(ratios), slices.Max(ratios)}, nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// repeat has clients do the work again and again, all at once for the given
// time, and returns how often a second. The work gets the number of the client and how
// often that client has done it.
func repeat(clients int, duration time.Duration, work func(client, n int) error) (float64, error) {
	counts, errs := make([]int, clients), make([]error, clients)
	var group sync.WaitGroup
	start := time.Now()
	for i := range clients {
		group.Go(func() {
			for errs[i] == nil && time.Since(start) < duration {
				errs[i] = work(i, counts[i])
				counts[i]++
			}
		})
	}
	group.Wait()
	took, total := time.Since(start).Seconds(), 0
	for i, n := range counts {
		if errs[i] != nil {
			return 0, errs[i]
		}
		total += n
	}
	return float64(total) / took, nil
}

// what is what a request reads.
type what int

const (
	oneUser what = iota
	onePage
	activeCount
)

// read is a request that reads.
type read struct {
	name string
	what what
	draw func() int // the id or the page

	authorization string // a header line, "" without a credential
}

func (r read) path(n int) string {
	switch r.what {
	case oneUser:
		return fmt.Sprintf("/api/users/%d/", n)
	case onePage:
		return fmt.Sprintf("/api/users/?page=%d", n)
	default:
		return "/api/users/active_count/"
	}
}

func reads(users int) []read {
	same := func(n int) func() int { return func() int { return n } }
	deep := users / pageSize / 2
	many := min(1000, deep)
	return []read{
		{name: "one user, one of all", what: oneUser, draw: func() int { return 1 + rand.IntN(users) }},
		{name: "one user, the same", what: oneUser, draw: same(users / 2)},
		{name: "list page 1", what: onePage, draw: same(1)},
		{name: "list, one of 1000 pages", what: onePage, draw: func() int { return 1 + rand.IntN(many) }},
		{name: "list deep page, the same", what: onePage, draw: same(deep)},
		{name: "list deep page, one of 1000", what: onePage, draw: func() int { return deep - rand.IntN(many) }},
		{name: "active_count", what: activeCount, draw: same(0)},
	}
}

// rosterReads returns the side that sends the request to Roster.
func rosterReads(ctx context.Context, address string, r read, o options) side {
	return load{address, o.clients, o.duration, "200", func(buf []byte, _, _ int) []byte {
		return fmt.Appendf(buf, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n%s\r\n", r.path(r.draw()), r.authorization)
	}}.side(ctx)
}

// rosterCreates returns the side that creates users in Roster.
func rosterCreates(ctx context.Context, address string, clients int, o options) side {
	run := 0
	return func() (float64, error) {
		run++
		return load{address, clients, o.duration, "201", func(buf []byte, client, n int) []byte {
			name := fmt.Sprintf("bench-%d-%d-%d-%d", clients, run, client, n)
			body := fmt.Sprintf(`{"username":%q,"email":"%s@example.com","first_name":"First","last_name":"Last","phone":"+15550000000","address":"1 High Street, Springfield"}`, name, name)
			return fmt.Appendf(buf, "POST /api/users/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		}}.side(ctx)()
	}
}
