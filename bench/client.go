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
	"sync"
	"time"
)

// load sends requests over that many connections for the given time and
// returns the answers a second. request writes the nth request of a client. Any answer but one with
// the wanted status is an error. The client does as little as it can: it is
// on the same cores as the server.
type load struct {
	address  string
	clients  int
	duration time.Duration
	status   string // "200"
	request  func(buf []byte, client, n int) []byte
}

func (l load) run(ctx context.Context) (float64, error) {
	counts, errs := make([]int, l.clients), make([]error, l.clients)
	var group sync.WaitGroup
	start := time.Now()
	for i := range l.clients {
		group.Go(func() { counts[i], errs[i] = l.client(ctx, i, start) })
	}
	group.Wait()
	took, total := time.Since(start).Seconds(), 0
	for _, n := range counts {
		total += n
	}
	return float64(total) / took, errors.Join(errs...)
}

func (l load) client(ctx context.Context, client int, start time.Time) (int, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", l.address)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReaderSize(conn, 16<<10)
	var buf []byte
	n := 0
	for ; time.Since(start) < l.duration; n++ {
		buf = l.request(buf[:0], client, n)
		if _, err := conn.Write(buf); err != nil {
			return n, err
		}
		if err := l.readAnswer(in); err != nil {
			return n, err
		}
	}
	return n, nil
}

var contentLength = []byte("Content-Length: ")

// readAnswer reads one answer that has a Content-Length.
func (l load) readAnswer(in *bufio.Reader) error {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if len(line) < 12 || string(line[9:12]) != l.status {
		return fmt.Errorf("got %q, want status %s", line, l.status)
	}
	length := -1
	for {
		line, err := in.ReadSlice('\n')
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
	_, err = io.CopyN(io.Discard, in, int64(length))
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
