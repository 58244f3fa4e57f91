package mail

import (
	"context"
	"net"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

const (
	answerLimit = 5 * time.Second // for an idle connection to respond
	quitLimit   = 2 * time.Second // for QUIT
)

// conn is one connection to the server, ready for messages. It is not safe for
// concurrent use.
type conn struct {
	raw    net.Conn
	client *smtp.Client
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
	_ = c.within(ctx, c.client.Quit) // the connection is closed in any case
	c.drop()
}

// answers reports whether the connection can be reused, and resets its state.
func (c *conn) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	return c.within(ctx, c.client.Reset) == nil
}

// deliver sends one message.
func (c *conn) deliver(ctx context.Context, m composed) *SendError {
	defer context.AfterFunc(ctx, c.drop)()
	if ok, _ := c.client.Extension("SMTPUTF8"); m.foreign && !ok {
		return &SendError{State: Refused, Code: badName, Message: "the server does not accept non-ASCII addresses"}
	}
	c.client.SkipSMTPUTF8(!m.foreign)
	if err := c.client.Mail(m.from); err != nil {
		return newFailure(ctx, step{refusal: "the server rejects the sender", refused: Unusable}, err)
	}
	if err := c.client.Rcpt(m.to); err != nil {
		return newFailure(ctx, step{refusal: "the server rejects the recipient", refused: Refused}, err)
	}
	return c.hand(ctx, m.text)
}

// hand sends the text. The server may accept the message at the final dot:
// without a response, the outcome is unknown.
func (c *conn) hand(ctx context.Context, text []byte) *SendError {
	s := step{refusal: "the server rejects the message", refused: Refused}
	body, err := c.client.Data()
	if err == nil {
		_, err = body.Write(text)
	}
	if err != nil {
		return newFailure(ctx, s, err)
	}
	if err := body.Close(); err != nil {
		s.silent = Unknown
		return newFailure(ctx, s, err)
	}
	return nil
}

// Response codes of a server, from RFC 5321 and RFC 6531.
const (
	serviceNotAvailable = 421 // to any command; the server closes the connection
	badName             = 553
)

// step describes the meaning of a failure in one exchange with the server.
type step struct {
	refusal string // message for a 4xx or 5xx response
	refused State  // state after 5xx
	silent  State  // state without a definite response
}

// newFailure classifies an error.
func newFailure(ctx context.Context, s step, err error) *SendError {
	if answer, ok := errorAnswer(err); ok {
		f := &SendError{State: s.silent, Code: answer.Code, Message: s.refusal, Cause: answer}
		switch answer.Code / 100 {
		case 4:
			f.State = Deferred
		case 5:
			f.State = s.refused
		}
		return f
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx) // instead of the resulting connection error
	}
	return &SendError{State: s.silent, Message: "the connection to the server failed", Cause: err}
}
