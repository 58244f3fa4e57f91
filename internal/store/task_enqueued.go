package store

// OnEnqueue has announce called after each commit that made tasks pending, with
// their queues, which may repeat; "" stands for any queue. announce must not wait.
// Call it before the store is used concurrently.
func (s *Store) OnEnqueue(announce func(queues []string)) { s.onEnqueue = announce }

// Enqueued implements task.Queue.
func (s *Store) Enqueued() <-chan struct{} { return s.enqueued }

// announce reports that tasks became pending in the queues. Without a queue it
// does nothing.
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
