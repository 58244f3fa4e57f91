package e2e_test

import (
	"fmt"
	"io"
	"log"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// sink is an SMTP server in this process that takes messages and loses them. With
// faults it treats recipients by the last two digits of their number; each fault
// but the permanent one meets a recipient once.
type sink struct {
	faults bool
	onRcpt func(to string) error // nil accepts
	port   int                   // set by startSink

	mu      sync.Mutex
	met     map[string]bool     // recipients whose fault is over
	ids     map[string][]string // of the messages taken over, by recipient
	dropped int                 // connections, after the final dot
}

// The last two digits of recipients that meet a fault.
const (
	temporary = 11 // 451 after RCPT
	permanent = 22 // 550 after RCPT, each time
	dropping  = 33 // the connection ends after the message was taken over, without an answer
	slow      = 44 // an answer takes a while
)

// startSink has a sink serve until the test ends.
func startSink(t *testing.T, s *sink) *sink {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.met, s.ids = map[string]bool{}, map[string][]string{}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	s.port, _ = strconv.Atoi(port)
	server := smtp.NewServer(s)
	server.Domain, server.ErrorLog = "localhost", log.New(io.Discard, "", 0)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return s
}

// settings make Roster send through the sink.
func (s *sink) settings() []string {
	return []string{"EMAIL_BACKEND=smtp", "EMAIL_HOST=127.0.0.1", fmt.Sprint("EMAIL_PORT=", s.port)}
}

// count returns how many messages were taken over.
func (s *sink) count() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ids := range s.ids {
		n += len(ids)
	}
	return n
}

// drops returns how many connections ended without an answer.
func (s *sink) drops() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}

// isDue reports whether a recipient meets a fault now. A fault that lasts meets
// it each time.
func (s *sink) isDue(to string, fault int, lasts bool) bool {
	name, _, _ := strings.Cut(to, "@")
	n, err := strconv.Atoi(strings.TrimPrefix(name, "reader"))
	if !s.faults || err != nil || n%100 != fault {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.met[to] && !lasts {
		return false
	}
	s.met[to] = true
	return true
}

// NewSession implements smtp.Backend.
func (s *sink) NewSession(c *smtp.Conn) (smtp.Session, error) { return &sinkSession{s, c, ""}, nil }

// sinkSession is a connection to a sink.
type sinkSession struct {
	sink *sink
	conn *smtp.Conn
	to   string
}

func (*sinkSession) Mail(string, *smtp.MailOptions) error { return nil }
func (*sinkSession) Reset()                               {}
func (*sinkSession) Logout() error                        { return nil }

func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if s.sink.onRcpt != nil {
		if err := s.sink.onRcpt(to); err != nil {
			return err
		}
	}
	switch {
	case s.sink.isDue(to, temporary, false):
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "try again later"}
	case s.sink.isDue(to, permanent, true):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	}
	return nil
}

func (s *sinkSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	id := messageIDOf.FindSubmatch(text)
	if err != nil || id == nil {
		return &smtp.SMTPError{Code: 554, Message: "not a whole message"}
	}
	if s.sink.isDue(s.to, slow, false) {
		<-time.After(time.Second)
	}
	drop := s.sink.isDue(s.to, dropping, false)
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.ids[s.to] = append(s.sink.ids[s.to], string(id[1]))
	if drop {
		s.sink.dropped++
		return s.conn.Conn().Close()
	}
	return nil
}
