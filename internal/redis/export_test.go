package redis

// Concerns reports whether a message concerns a worker for the queues.
func Concerns(text string, queues []string) bool { return read(text).concerns(queues) }

// Published is what is published of queues.
func Published(from string, queues []string) string { return message{from, queues}.String() }
