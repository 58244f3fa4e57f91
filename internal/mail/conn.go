package mail

import (
	"context"
	"net"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

const (
	answerLimit = 5 * time.Second // for a kept connection to show that it lives
	quitLimit   = 2 * time.Second // for a goodbye
)

// conn is one connection to the server, ready for messages. One goroutine
// uses it at a time.
type conn struct {
	raw    net.Conn
	client *smtp.Client
	expiry *time.Timer // while it is kept
}

// within runs f, and cuts the connection off when ctx is done before f is.
func (c *conn) within(ctx context.Context, f func() error) error {
	defer context.AfterFunc(ctx, c.drop)()
	return f()
}

// drop ends the connection at once. It may be called again, and by another goroutine.
func (c *conn) drop() { _ = c.raw.Close() }

// quit says goodbye, not for long, and ends the connection.
func (c *conn) quit() {
	ctx, cancel := context.WithTimeout(context.Background(), quitLimit)
	defer cancel()
	_ = c.within(ctx, c.client.Quit) // whatever becomes of it, the connection ends
	c.drop()
}

// answers reports whether the connection can be used again, and clears what
// an earlier message may have left.
func (c *conn) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	return c.within(ctx, c.client.Reset) == nil
}

// deliver sends one message.
func (c *conn) deliver(ctx context.Context, m composed) *SendError {
	defer context.AfterFunc(ctx, c.drop)()
	if ok, _ := c.client.Extension("SMTPUTF8"); m.foreign && !ok {
		return &SendError{State: Refused, Code: badName, Message: "the server takes no addresses beyond ASCII"}
	}
	c.client.SkipSMTPUTF8(!m.foreign)
	if err := c.client.Mail(m.from); err != nil {
		return newFailure(ctx, step{refusal: "the server refuses the sender", refused: Unusable}, err)
	}
	if err := c.client.Rcpt(m.to); err != nil {
		return newFailure(ctx, step{refusal: "the server refuses the recipient", refused: Refused}, err)
	}
	return c.hand(ctx, m.text)
}

// hand hands the text over. The final dot is where responsibility may pass to
// the server: without an answer to it nobody knows.
func (c *conn) hand(ctx context.Context, text []byte) *SendError {
	s := step{refusal: "the server refuses the message", refused: Refused}
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

// Answers of a server, by RFC 5321 and RFC 6531.
const (
	serviceNotAvailable = 421 // to any command; the server closes the connection
	badName             = 553
)

// step is what one exchange with the server means when it fails.
type step struct {
	refusal string // what to say of an answer 4xx or 5xx
	refused State  // after 5xx
	silent  State  // without a definite answer
}

// newFailure classifies what went wrong.
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
		err = context.Cause(ctx) // rather than that the connection was cut off for it
	}
	return &SendError{State: s.silent, Message: "the connection to the server failed", Cause: err}
}
