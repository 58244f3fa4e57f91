package redis_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"roster/internal/redis"
)

// FuzzMessage checks that whatever is published is read without harm, and that
// what a process publishes reads back.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"from":"a","queues":["x"]}`, `{"queues":[""]}`, `{"queues":"x"}`, `[`, "\x00", `{"from":1}`} {
		f.Add(seed, "x")
	}
	f.Fuzz(func(t *testing.T, text, queue string) {
		if redis.Concerns(text, []string{queue}) && !redis.Concerns(text, nil) {
			t.Errorf("%q concerns one queue, and not all", text)
		}
		sent := redis.Published("a", []string{queue})
		if !utf8.ValidString(queue) {
			return // no name of a queue
		}
		if !redis.Concerns(sent, []string{"-", queue}) || !redis.Concerns(sent, nil) {
			t.Errorf("%q does not concern %q", sent, queue)
		}
		if queue != "" && redis.Concerns(sent, []string{queue + "x"}) {
			t.Errorf("%q concerns another queue", sent)
		}
		if redis.Concerns(redis.Published("a", nil), nil) || strings.Contains(sent, "\n") {
			t.Errorf("got %q", sent)
		}
	})
}
