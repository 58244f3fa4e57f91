package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// load sends requests over that many connections for the given time. request
// writes the nth request of a client. Any answer but one with the wanted status
// is an error. The client does as little as it can: it is on the same cores as
// the server.
type load struct {
	address  string
	clients  int
	duration time.Duration
	status   string // "200"
	request  func(buf []byte, client, n int) []byte
}

// side returns what counts the answers.
func (l load) side(ctx context.Context) side {
	return func() (float64, error) {
		conns := make([]*conn, l.clients)
		for i := range conns {
			c, err := (&net.Dialer{}).DialContext(ctx, "tcp", l.address)
			if err != nil {
				return 0, err
			}
			defer func() { _ = c.Close() }()
			conns[i] = &conn{Conn: c, in: bufio.NewReaderSize(c, 16<<10)}
		}
		return repeat(l.clients, l.duration, func(client, n int) error {
			c := conns[client]
			c.buf = l.request(c.buf[:0], client, n)
			if _, err := c.Write(c.buf); err != nil {
				return err
			}
			return c.readAnswer(l.status)
		})
	}
}

// conn is a connection of a client.
type conn struct {
	net.Conn

	in  *bufio.Reader
	buf []byte
}

var contentLength = []byte("Content-Length: ")

// readAnswer reads one answer that has a Content-Length.
func (c *conn) readAnswer(status string) error {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if len(line) < 12 || string(line[9:12]) != status {
		return fmt.Errorf("got %q, want status %s", line, status)
	}
	length := -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if value, ok := bytes.CutPrefix(line, contentLength); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return errors.New("an answer without Content-Length")
	}
	_, err = io.CopyN(io.Discard, c.in, int64(length))
	return err
}

// fetch returns the body of one answer.
func fetch(ctx context.Context, address, path string) ([]byte, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, address); err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(conn)
	_, body, _ := bytes.Cut(answer, []byte("\r\n\r\n"))
	return body, err
}
