package task

// Broker notifies other processes, also on other machines, of new tasks.
// Notifications are hints: they may be lost, late or duplicated. Workers also
// find tasks by polling once a second. Implementations are safe for concurrent
// use.
type Broker interface {
	// Announce notifies the other processes of tasks stored in those queues; ""
	// means any. It never blocks and cannot fail.
	Announce(queues []string)
	// Listen returns a channel that receives a value when another process has
	// announced one of those queues; nil means all. At most one value is
	// pending. The channel is for one worker, and stays open.
	Listen(queues []string) <-chan struct{}
}
