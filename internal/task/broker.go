package task

// Broker carries word of new tasks between processes, also on different
// machines. What it says is a hint and no more: it may be lost, come late, or
// twice. Whoever gets none finds the task by looking, once a second.
// Implementations are safe for concurrent use.
type Broker interface {
	// Announce says to the other processes that tasks were stored in those queues;
	// "" stands for any. It never waits, and cannot fail.
	Announce(queues []string)
	// Listen returns a channel that is sent to, by no more than one message at a
	// time, when another process has announced one of those queues; nil stands for
	// all. It is for one worker, and stays open.
	Listen(queues []string) <-chan struct{}
}
