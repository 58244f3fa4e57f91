package redis

import (
	"encoding/json"
	"slices"
)

// message is what is published: who stored tasks, and in which queues. One
// without queues says only that its sender is there.
type message struct {
	From   string   `json:"from"`
	Queues []string `json:"queues,omitempty"`
}

// anyQueue stands for all queues.
const anyQueue = ""

// read reads what was published, by whomever. What is no message is a zero one.
func read(text string) (m message) {
	if json.Unmarshal([]byte(text), &m) != nil {
		return message{}
	}
	return m
}

func (m message) String() string {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // of strings alone, it is always possible
	}
	return string(text)
}

// concerns reports whether somebody who serves these queues (nil: all) is told.
func (m message) concerns(queues []string) bool {
	if len(queues) == 0 {
		return len(m.Queues) > 0
	}
	return slices.ContainsFunc(m.Queues, func(q string) bool { return q == anyQueue || slices.Contains(queues, q) })
}
