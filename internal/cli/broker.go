package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"roster/internal/config"
	"roster/internal/redis"
)

// redisOptions returns how to reach the Redis that BROKER_URL names; false when
// it names none.
func redisOptions(conf config.Config) (redis.Options, bool) {
	b := conf.Broker()
	mode, ok := map[config.BrokerMode]redis.Mode{
		config.BrokerSingle: redis.Single, config.BrokerSentinel: redis.Sentinel, config.BrokerCluster: redis.Cluster,
	}[b.Mode]
	return redis.Options{
		Mode: mode, Addresses: b.Addresses, Database: b.Database, User: b.User, Password: b.Password,
		TLS: b.TLS, CAFile: b.CAFile,
		Master: b.Master, SentinelUser: b.SentinelUser, SentinelPassword: b.SentinelPassword,
	}, ok
}

// checkBroker tries the Redis that BROKER_URL names, and says what it found.
func checkBroker(ctx context.Context, conf config.Config, out io.Writer) error {
	o, ok := redisOptions(conf)
	if !ok {
		return nil
	}
	found, err := redis.Probe(ctx, o)
	if err != nil {
		return fmt.Errorf("BROKER_URL: %w", err)
	}
	fmt.Fprintf(out, "\nThe broker is %s, which passed a message on in %s.\n", o, found.Took.Round(10*time.Microsecond))
	if found.Policy != "" && found.Policy != "noeviction" {
		fmt.Fprintf(out, "Warning: its maxmemory-policy is %s. Roster keeps nothing there that could be evicted, but other programs that queue work there lose some.\n", found.Policy)
	}
	if found.Policy != "" && !found.AOF {
		fmt.Fprintln(out, "Warning: its appendonly is off. Roster keeps nothing there that could be lost, but other programs that queue work there lose some when it ends.")
	}
	return nil
}
