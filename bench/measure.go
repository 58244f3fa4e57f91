package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
)

// measure runs the two sides in turn and prints a line: the medians, and the
// median, least and greatest of the rounds' ratios.
func measure(out io.Writer, name string, rounds int, roster, floor func() (float64, error)) error {
	var rosters, floors, ratios []float64
	for range rounds {
		a, err := roster()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		b, err := floor()
		if err != nil {
			return fmt.Errorf("%s, floor: %w", name, err)
		}
		rosters, floors, ratios = append(rosters, a), append(floors, b), append(ratios, a/b)
	}
	fmt.Fprintf(out, "%s\t%.0f\t%.0f\t%.2f\t%.2f\t%.2f\t\n", name,
		median(rosters), median(floors), median(ratios), slices.Min(ratios), slices.Max(ratios))
	return nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// benchReads compares reading with a bare net/http handler that sends the same bytes.
func benchReads(ctx context.Context, out io.Writer, address string, o options) error {
	deep := o.users / 10 / 2
	reads := []struct {
		name string
		path func(client, n int) string
	}{
		{"one user, one of all", func(int, int) string { return fmt.Sprintf("/api/users/%d/", 1+rand.IntN(o.users)) }},
		{"one user, the same", func(int, int) string { return "/api/users/5000/" }},
		{"list page 1", func(int, int) string { return "/api/users/" }},
		{"list, one of 1000 pages", func(int, int) string { return fmt.Sprintf("/api/users/?page=%d", 1+rand.IntN(min(1000, deep))) }},
		{"list deep page, the same", func(int, int) string { return fmt.Sprintf("/api/users/?page=%d", deep) }},
		{"list deep page, one of 1000", func(int, int) string { return fmt.Sprintf("/api/users/?page=%d", deep-rand.IntN(min(1000, deep))) }},
		{"active_count", func(int, int) string { return "/api/users/active_count/" }},
	}
	for _, read := range reads {
		body, err := fetch(ctx, address, read.path(0, 0))
		if err != nil {
			return err
		}
		floor, err := startFloor(ctx, body)
		if err != nil {
			return err
		}
		defer floor.stop()
		side := func(address string) func() (float64, error) {
			return func() (float64, error) {
				return load{address, o.clients, o.duration, "200", func(buf []byte, client, n int) []byte {
					return fmt.Appendf(buf, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n", read.path(client, n))
				}}.run(ctx)
			}
		}
		if err := measure(out, read.name, o.rounds, side(address), side(floor.address)); err != nil {
			return err
		}
	}
	return nil
}

// benchCreates compares creating with a loop that commits row by row.
func benchCreates(ctx context.Context, out io.Writer, address, dir string, o options) error {
	path := filepath.Join(dir, "db.sqlite3")
	floor := func() (float64, error) { return commitLoop(ctx, path, o.duration) }
	for _, clients := range []int{1, 64} {
		run := 0
		create := func() (float64, error) {
			run++
			return load{address, clients, o.duration, "201", func(buf []byte, client, n int) []byte {
				name := fmt.Sprintf("bench-%d-%d-%d-%d", clients, run, client, n)
				body := fmt.Sprintf(`{"username":%q,"email":"%s@example.com","first_name":"First","last_name":"Last","phone":"+15550000000","address":"1 High Street, Springfield"}`, name, name)
				return fmt.Appendf(buf, "POST /api/users/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
			}}.run(ctx)
		}
		if err := measure(out, fmt.Sprintf("create, %d clients", clients), o.rounds, create, floor); err != nil {
			return err
		}
	}
	return nil
}
