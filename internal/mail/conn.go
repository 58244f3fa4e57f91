package mail

import (
	"context"
	"net"
	"time"
)

const (
	answerLimit = 5 * time.Second // for an idle connection to respond
	quitLimit   = 2 * time.Second // for QUIT
)

// conn is one connection to the server, ready for messages. It is not safe for
// concurrent use.
type conn struct {
	raw    net.Conn
	client *client
	expiry *time.Timer // set while idle
}

// within runs f, and closes the connection if ctx is done first.
func (c *conn) within(ctx context.Context, f func() error) error {
	defer context.AfterFunc(ctx, c.drop)()
	return f()
}

// drop closes the connection immediately. It may be called repeatedly and
// concurrently.
func (c *conn) drop() { _ = c.raw.Close() }

// quit sends QUIT with a short timeout and closes the connection.
func (c *conn) quit() {
	ctx, cancel := context.WithTimeout(context.Background(), quitLimit)
	defer cancel()
	_ = c.within(ctx, func() error { return c.client.do(221, "QUIT") }) // the connection is closed in any case
	c.drop()
}

// answers reports whether the connection can be reused, and resets its state.
func (c *conn) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	return c.within(ctx, func() error { return c.client.do(250, "RSET") }) == nil
}

// deliver sends one message.
func (c *conn) deliver(ctx context.Context, m composed) *SendError {
	defer context.AfterFunc(ctx, c.drop)()
	if _, ok := c.client.offered("SMTPUTF8"); m.foreign != OfNothing && !ok {
		state := Unusable
		if m.foreign == OfRecipient {
			state = Refused
		}
		return &SendError{State: state, Origin: m.foreign, Code: badName, Message: "the server does not accept non-ASCII addresses"}
	}
	if err := c.client.mail(m.from, m.foreign != OfNothing); err != nil {
		return newFailure(ctx, atSender, err)
	}
	if err := c.client.do(25, "RCPT TO:"+m.to); err != nil {
		return newFailure(ctx, atRecipient, err)
	}
	return c.hand(ctx, m.text)
}

// hand sends the text. The server may accept the message at the final dot:
// without a response, the outcome is unknown.
func (c *conn) hand(ctx context.Context, text []byte) *SendError {
	if err := c.client.do(354, "DATA"); err != nil {
		return newFailure(ctx, atText, err)
	}
	body := c.client.out.DotWriter()
	if _, err := body.Write(text); err != nil {
		return newFailure(ctx, atText, err)
	}
	err := body.Close()
	if err == nil {
		_, _, err = c.client.answer(250)
	}
	if err == nil {
		return nil
	}
	f := newFailure(ctx, atText, err)
	if f.Code == 0 {
		f.State = Unknown
	}
	return f
}

// Response codes of a server, from RFC 5321 and RFC 6531.
const (
	serviceNotAvailable = 421 // to any command; the server closes the connection
	badName             = 553
)
