package httpkit

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"roster/internal/fault"
)

// The time that a client has to send a body. The server's readTimeout is the first
// pause.
const (
	bodyPause = 10 * time.Second // without progress
	bodyRate  = 16 << 10         // bytes a second on average, after the first pause
	bodyTime  = 60 * time.Second // in total
	pauseStep = time.Second      // how often the deadlines move
)

// freeBody is the length in bytes up to which a body does not count in Bodies:
// ordinary requests are served when large ones fill it.
const freeBody = 4 << 10

// body is the body of a request. Its errors are what the client is answered: too
// large, too slow, out of memory. It is not read after the first error.
type body struct {
	source   io.ReadCloser // nil: there is no body
	control  *http.ResponseController
	bodies   *Bodies
	client   string
	declared int64 // -1: not known
	limit    int64
	read     int64
	counted  int64 // of those in bodies
	begun    time.Time
	moved    time.Time // when the deadlines moved last
	err      error
}

// receive replaces the body of r with one within the limits of the stack.
func (s Stack) receive(ctx *requestContext, w http.ResponseWriter, r *http.Request, now time.Time) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	ctx.body = body{
		source: r.Body, control: http.NewResponseController(w), bodies: s.bodies, client: network(r),
		declared: r.ContentLength, limit: s.MaxBody, begun: now, moved: now,
	}
	r.Body = &ctx.body
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		w.Header()["Accept-Encoding"] = identity
		ctx.body.err = fault.New(fault.Unsupported, "Content-Encoding "+quoteHeader(coding)+" is not supported. Send the body without compression.")
	}
	if len(r.TransferEncoding) > 0 {
		// net/http does not report a Content-Length beside it, which could
		// smuggle a second request (RFC 9112, 6.1).
		w.Header()["Connection"] = closeConnection
	}
}

// quoteHeader returns the start of a header value in quotes.
func quoteHeader(value string) string {
	const most = 40
	return `"` + strings.ToValidUTF8(value[:min(len(value), most)], "\uFFFD") + `"`
}

// limitBody lowers the limit of a body that has not been read.
func limitBody(r *http.Request, limit int64) {
	if ctx, ok := contextOf(r.Context()); ok && limit > 0 {
		ctx.body.limit = min(ctx.body.limit, limit)
	}
}

// BodyError returns why the body of a request cannot be read, nil if it can or was.
func BodyError(r *http.Request) error {
	ctx, ok := contextOf(r.Context())
	if !ok || ctx.body.err == io.EOF { //nolint:errorlint // as io.Reader returns it
		return nil
	}
	return ctx.body.err
}

// Read reads from the client.
func (b *body) Read(p []byte) (int, error) {
	if b.err == nil && b.declared > b.limit {
		b.err = tooLarge(b.limit)
	}
	if b.err != nil {
		return 0, b.err
	}
	if room := b.limit - b.read + 1; int64(len(p)) > room { // one byte more shows that there are more
		p = p[:room]
	}
	n, err := b.source.Read(p)
	b.read += int64(n)
	switch {
	case b.read > b.limit:
		b.err = tooLarge(b.limit)
	case !b.count():
		b.err = errBodies
	case err != nil:
		b.err = readError(err)
	default:
		b.move()
		return n, nil
	}
	if err == io.EOF && b.err == io.EOF { //nolint:errorlint // as io.Reader returns it
		return n, io.EOF
	}
	return 0, b.err
}

// Close does nothing: net/http closes the body after the request.
func (*body) Close() error { return nil }

// count takes room for what was read, and reports whether there is any.
func (b *body) count() bool {
	more := b.read - freeBody - b.counted
	if more <= 0 {
		return true
	}
	if !b.bodies.take(b.client, more) {
		return false
	}
	b.counted += more
	return true
}

// release gives the room back.
func (b *body) release() {
	if b.counted > 0 {
		b.bodies.give(b.client, b.counted)
		b.counted = 0
	}
}

// move moves the deadlines after progress. The response has its time from then on.
// A connection without deadlines has its own limits.
func (b *body) move() {
	now := time.Now()
	if now.Sub(b.moved) < pauseStep {
		return
	}
	b.moved = now
	_ = b.control.SetReadDeadline(b.deadline(now))
	_ = b.control.SetWriteDeadline(now.Add(writeTimeout))
}

// deadline returns when more must have come.
func (b *body) deadline(now time.Time) time.Time {
	at := now.Add(bodyPause)
	earned := time.Duration(b.read) * time.Second / bodyRate
	for _, other := range []time.Time{b.begun.Add(bodyPause + earned), b.begun.Add(bodyTime)} {
		if other.Before(at) {
			at = other
		}
	}
	return at
}

// errBodies is the error of a body for which there is no room.
var errBodies = &fault.Error{
	Kind: fault.Unavailable, Message: "The server is busy with other large requests. Try again in a moment.", RetryAfter: time.Second,
}

func tooLarge(limit int64) error {
	return fault.New(fault.TooLarge, "The request body is over the limit of "+size(limit)+".")
}

// readError returns what the client is answered when its body cannot be read.
func readError(err error) error {
	switch {
	case err == io.EOF: //nolint:errorlint // as io.Reader returns it
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &StatusError{http.StatusRequestTimeout, "The request body was sent too slowly."}
	default:
		return fault.Wrap(fault.Invalid, "The request body could not be read.", err)
	}
}

// The remains of a body that net/http reads itself, and that are read at most, in
// bytes.
const (
	smallRemains = 256 << 10
	mostRemains  = 64 << 20
)

// linger sends the response and reads what remains of a long body, after a request
// that was answered without it. Otherwise closing the connection would reset it,
// and the client could lose the response.
func (b *body) linger(r *http.Request) {
	remains := b.declared - b.read
	switch {
	case b.source == nil, b.err == io.EOF, b.declared >= 0 && remains <= smallRemains: //nolint:errorlint // as io.Reader returns it
		return
	case b.read == 0 && r.Header.Get("Expect") != "": // the client waits for leave to send it
		return
	case b.control.Flush() != nil:
		return
	}
	b.err, b.limit, b.declared, b.bodies = nil, b.read+mostRemains, -1, nil
	_, _ = io.Copy(io.Discard, b) // the client has its answer
}
