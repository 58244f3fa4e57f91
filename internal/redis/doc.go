// Package redis tells other machines of new tasks by publishing to a channel of
// Redis (ADR 0015).
//
// Nothing is stored there. A message says in which queues tasks were stored;
// every process that is connected gets it, and workers with room look into the
// table. So Redis may be wiped, full, frozen or away at any moment: what is lost
// is the word, and workers find the tasks by looking once a second.
//
// No caller ever waits for Redis. What is announced is noted, and published by a
// goroutine of the Broker, all that came meanwhile in one message.
package redis
