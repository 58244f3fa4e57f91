package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/redis/rueidis"

	"roster/internal/redis"
)

// redisAddress is that of the server of TEST_REDIS_URL, "" when there is none.
func redisAddress() (string, error) {
	text := os.Getenv("TEST_REDIS_URL")
	if text == "" {
		return "", nil
	}
	o, err := rueidis.ParseURL(text)
	if err != nil {
		return "", fmt.Errorf("TEST_REDIS_URL: %w", err)
	}
	return o.InitAddress[0], nil
}

// broker returns one that is connected.
func broker(ctx context.Context, address string) (*redis.Broker, error) {
	b := redis.Start(redis.Options{Addresses: []string{address}}, slog.New(slog.DiscardHandler))
	for range 1000 {
		if b.Check(ctx) == nil {
			return b, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	defer b.Close()
	return nil, b.Check(ctx)
}

// streamFloor prints how often a second clients add to a stream of Redis, read
// it as a group and acknowledge, each waiting for each answer; and how long
// after an addition a reader that waits has it.
func streamFloor(ctx context.Context, address string, o options) error {
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{address}, ForceSingleClient: true, DisableCache: true})
	if err != nil {
		return err
	}
	defer client.Close()
	s := stream{client, "roster:bench:" + rand.Text()}
	defer func() { _ = client.Do(context.WithoutCancel(ctx), client.B().Del().Key(s.name).Build()).Error() }() // it is the run's own
	create := client.B().XgroupCreate().Key(s.name).Group("bench").Id("$").Mkstream().Build()
	if err := client.Do(ctx, create).Error(); err != nil {
		return err
	}
	rate, err := repeat(taskClients, o.duration, func(int, int) error {
		if err := s.add(ctx); err != nil {
			return err
		}
		return s.take(ctx)
	})
	if err != nil {
		return err
	}
	waits, err := s.waits(ctx)
	if err == nil {
		fmt.Printf("Redis alone: XADD, XREADGROUP and XACK %.0f times a second; read %s after XADD\n", rate, spread(waits))
	}
	return err
}

// stream is a stream of Redis with a group.
type stream struct {
	client rueidis.Client
	name   string
}

func (s stream) add(ctx context.Context) error {
	return s.client.Do(ctx, s.client.B().Xadd().Key(s.name).Id("*").FieldValue().FieldValue("id", "1").Build()).Error()
}

// take reads one entry, which it waits for, and acknowledges it.
func (s stream) take(ctx context.Context) error {
	read := s.client.B().Xreadgroup().Group("bench", "one").Count(1).Block(10_000).Streams().Key(s.name).Id(">").Build()
	found, err := s.client.Do(ctx, read).AsXRead()
	if err != nil {
		return err
	}
	for _, entry := range found[s.name] {
		if err := s.client.Do(ctx, s.client.B().Xack().Key(s.name).Group("bench").Id(entry.ID).Build()).Error(); err != nil {
			return err
		}
	}
	return nil
}

// waits returns how long each of 500 entries takes to a reader that waits for it.
func (s stream) waits(ctx context.Context) (waits []time.Duration, err error) {
	taken := make(chan time.Time)
	failed := make(chan error, 1)
	const samples = 500
	go func() {
		for range samples {
			if err := s.take(ctx); err != nil {
				failed <- err
				return
			}
			taken <- time.Now()
		}
	}()
	for range samples {
		if err := s.add(ctx); err != nil {
			return nil, err
		}
		added := time.Now()
		select {
		case at := <-taken:
			waits = append(waits, max(0, at.Sub(added)))
		case err := <-failed:
			return nil, err
		}
	}
	return waits, nil
}
