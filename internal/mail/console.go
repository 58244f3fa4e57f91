package mail

import (
	"bytes"
	"context"
	"io"
	"strings"
	"unicode"
)

// Console prints messages instead of sending them, each followed by a line of
// hyphens, as Django's console backend does: for people, so without the HTML, and
// with a text whose links can be copied. It is safe for concurrent use.
type Console struct {
	composer Composer
	w        io.Writer
	turn     chan struct{} // holds a token while a message is printed
}

// NewConsole returns a console that prints to w.
func NewConsole(w io.Writer, c Composer) *Console {
	c.unencoded = true
	return &Console{composer: c, w: w, turn: make(chan struct{}, 1)}
}

// String names the console.
func (c *Console) String() string { return "the console" }

// Send prints the message. Its error is Refused for an invalid message, and
// Deferred if writing fails. If ctx is done while no one reads the output, the
// error is Deferred if printing has not begun, otherwise Unknown: the rest is
// printed once the output is read.
func (c *Console) Send(ctx context.Context, m Message) error {
	m.HTML, m.Text = "", strings.Map(printable, m.Text)
	composed, err := c.composer.compose(m)
	if err != nil {
		return err
	}
	text := append(readable(composed.text), strings.Repeat("-", 79)+"\n"...)
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return &SendError{State: Deferred, Origin: OfServer, Message: "the console is not read", Cause: context.Cause(ctx)}
	}
	failed := make(chan error, 1)
	go func() {
		_, err := c.w.Write(text)
		<-c.turn
		failed <- err
	}()
	select {
	case err = <-failed:
	case <-ctx.Done():
		return &SendError{State: Unknown, Origin: OfServer, Message: "the console is not read", Cause: context.Cause(ctx)}
	}
	if err != nil {
		return &SendError{State: Deferred, Origin: OfServer, Message: "the message cannot be printed", Cause: err}
	}
	return nil
}

// Close does nothing: the writer stays open.
func (c *Console) Close() error { return nil }

// printable replaces what a terminal would obey.
func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
		return unicode.ReplacementChar
	}
	return r
}

// readable returns a message with local line endings.
func readable(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return append(bytes.TrimRight(text, "\n"), '\n')
}
