package redis

import (
	"encoding/json"
	"slices"
)

// message is a published message: its sender, and the queues in which tasks
// were stored. Without queues it is a heartbeat.
type message struct {
	From   string   `json:"from"`
	Queues []string `json:"queues,omitempty"`
}

// anyQueue means all queues.
const anyQueue = ""

// read parses a published message. An invalid one becomes the zero message.
func read(text string) (m message) {
	if json.Unmarshal([]byte(text), &m) != nil {
		return message{}
	}
	return m
}

func (m message) String() string {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // never fails for strings
	}
	return string(text)
}

// concerns reports whether the message concerns a worker for these queues (nil:
// all).
func (m message) concerns(queues []string) bool {
	if len(queues) == 0 {
		return len(m.Queues) > 0
	}
	return slices.ContainsFunc(m.Queues, func(q string) bool { return q == anyQueue || slices.Contains(queues, q) })
}
