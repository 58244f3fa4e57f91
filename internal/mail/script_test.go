package mail_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"roster/internal/mail"
)

// script is an SMTP server whose responses a test gives line by line.
type script struct {
	port int

	mu   sync.Mutex
	said []string // lines of clients
}

// play serves until the test ends. answer returns the response to a line, "" for
// none, or "close" to end the connection. The line "connect" stands for the
// greeting.
func play(t *testing.T, answer func(line string) string) *script {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &script{port: listener.Addr().(*net.TCPAddr).Port}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			context := t.Context()
			group.Go(func() {
				stop := make(chan struct{})
				defer close(stop)
				group.Go(func() {
					select {
					case <-context.Done():
					case <-stop:
					}
					_ = c.Close()
				})
				s.serve(c, answer)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		group.Wait()
	})
	return s
}

func (s *script) serve(c net.Conn, answer func(string) string) {
	lines := bufio.NewScanner(c)
	for line := "connect"; ; line = lines.Text() {
		s.mu.Lock()
		s.said = append(s.said, line)
		s.mu.Unlock()
		response := answer(line)
		if response == "close" {
			return
		}
		if response != "" {
			_, _ = fmt.Fprint(c, strings.ReplaceAll(response, "\n", "\r\n")+"\r\n")
		}
		if !lines.Scan() {
			return
		}
	}
}

// heard returns the lines that begin with that word.
func (s *script) heard(word string) (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range s.said {
		if strings.HasPrefix(line, word) {
			all = append(all, line)
		}
	}
	return all
}

// sender returns a sender through the script, closed when the test ends.
func (s *script) sender(t *testing.T, change ...func(*mail.SMTPOptions)) *mail.SMTP {
	t.Helper()
	o := mail.SMTPOptions{Host: "127.0.0.1", Port: s.port, Composer: composer()}
	for _, apply := range change {
		apply(&o)
	}
	sender := mail.NewSMTP(o)
	t.Cleanup(func() { _ = sender.Close() })
	return sender
}

// accept is the answer of a server that accepts everything. Text lines get none.
func accept(line string) string {
	verb, _, _ := strings.Cut(line, " ")
	switch verb {
	case "connect":
		return "220 mail.example.com ready"
	case "EHLO", "HELO", "MAIL", "RCPT", "RSET", ".":
		return "250 2.0.0 OK"
	case "DATA":
		return "354 Go on"
	case "QUIT":
		return "221 Bye"
	}
	return ""
}
