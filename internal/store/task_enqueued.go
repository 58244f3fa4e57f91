package store

// OnEnqueue makes the store call announce after each commit that made tasks
// pending, with their queues, which may repeat; "" means any queue. announce
// must not block. Call OnEnqueue before the store is used concurrently.
func (s *Store) OnEnqueue(announce func(queues []string)) { s.onEnqueue = announce }

// Enqueued implements task.Queue.
func (s *Store) Enqueued() <-chan struct{} { return s.enqueued }

// announce notifies of tasks that became pending in the queues. Without queues
// it does nothing.
func (s *Store) announce(queues []string) {
	if len(queues) == 0 {
		return
	}
	s.onEnqueue(queues)
	select {
	case s.enqueued <- struct{}{}:
	default:
	}
}
