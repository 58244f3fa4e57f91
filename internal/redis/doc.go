// Package redis notifies other machines of new tasks through a channel of Redis
// (ADR 0015).
//
// It stores nothing. A message names the queues in which tasks were stored;
// every connected process receives it, and workers with capacity poll the
// table. Redis may therefore be wiped, full, frozen or down at any moment: only
// the notification is lost, and workers find the tasks by polling once a
// second.
//
// No caller ever waits for Redis. Announcements are recorded, and a goroutine
// of the Broker publishes them, batched into one message.
package redis
