package mail

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
)

// Console prints messages instead of sending them, each followed by a line of
// hyphens, as Django's console backend does. It is safe for concurrent use.
type Console struct {
	composer Composer
	mu       sync.Mutex
	w        io.Writer
}

// NewConsole returns a console that prints to w.
func NewConsole(w io.Writer, c Composer) *Console { return &Console{composer: c, w: w} }

// String names the console.
func (c *Console) String() string { return "the console" }

// Send prints the message. Its failure is Refused for a message that breaks a
// rule, Deferred when it cannot be written.
func (c *Console) Send(_ context.Context, m Message) error {
	composed, err := c.composer.compose(m)
	if err != nil {
		return err
	}
	text := append(readable(composed.text), strings.Repeat("-", 79)+"\n"...)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.w.Write(text); err != nil {
		return &SendError{State: Deferred, Message: "the message cannot be printed", Cause: err}
	}
	return nil
}

// Close does nothing: the writer stays open.
func (c *Console) Close() error { return nil }

// readable returns a message with the line ends that programs here expect.
func readable(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return append(bytes.TrimRight(text, "\n"), '\n')
}
