package server

import (
	"context"
	"fmt"
	"os"

	"roster/internal/config"
	"roster/internal/redis"
	"roster/internal/task"
)

// background is a process's work other than requests: running tasks, starting
// periodic tasks, and announcing new tasks to other machines. The zero value
// does nothing.
type background struct {
	worker *task.Worker  // nil: runs no tasks
	beat   *task.Beat    // nil: starts no scheduled tasks
	broker *redis.Broker // nil: other machines find new tasks in the database
}

// startBackground starts the work selected by the options.
func startBackground(s *Services, o *Options) (b background) {
	p, kept := s.process, s.Store
	options := task.Options{
		Name: ProcessName(), Concurrency: o.Concurrency, Queues: o.Queues,
		Log: p.logger("worker"), Observer: p.monitor,
	}
	if redisOptions, ok := RedisOptions(p.Config.Broker()); ok {
		b.broker = redis.Start(redisOptions, p.logger("broker"))
		kept.OnEnqueue(b.broker.Announce)
		options.Broker = b.broker
	}
	if o.Tasks {
		b.worker = task.StartWorker(kept, s.Kinds, options)
	}
	if o.Schedules {
		b.beat = task.StartBeat(kept, s.Kinds, p.logger("beat"))
	}
	return b
}

// checkWorker returns an error if the worker cannot poll for tasks.
func (b *background) checkWorker(ctx context.Context) error {
	if b.worker == nil {
		return nil
	}
	return b.worker.Check(ctx)
}

// checkBroker returns an error if new tasks are not announced to other
// machines.
func (b *background) checkBroker(ctx context.Context) error {
	if b.broker == nil {
		return nil
	}
	return b.broker.Check(ctx)
}

// stop stops the work. Running tasks may finish until ctx is done. It may be
// called repeatedly.
func (b *background) stop(ctx context.Context) {
	if b.beat != nil {
		b.beat.Stop()
	}
	if b.worker != nil {
		b.worker.Stop(ctx)
	}
	if b.broker != nil {
		b.broker.Close()
	}
}

// RedisOptions returns the options of the Redis of a setting; false if it is not
// set.
func RedisOptions(b config.Broker) (redis.Options, bool) {
	mode, ok := map[config.BrokerMode]redis.Mode{
		config.BrokerSingle: redis.Single, config.BrokerSentinel: redis.Sentinel, config.BrokerCluster: redis.Cluster,
	}[b.Mode]
	return redis.Options{
		Mode: mode, Addresses: b.Addresses, Database: b.Database, User: b.User, Password: b.Password,
		TLS: b.TLS, CAFile: b.CAFile,
		Master: b.Master, SentinelUser: b.SentinelUser, SentinelPassword: b.SentinelPassword,
	}, ok
}

// ProcessName identifies this process for display: host and process id.
func ProcessName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s:%d", host, os.Getpid())
}
