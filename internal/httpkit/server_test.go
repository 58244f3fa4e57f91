package httpkit_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"roster/internal/httpkit"
)

// startServer serves h on a free port and returns its address, and what Serve returned.
func startServer(t *testing.T, h http.Handler) (*httpkit.Server, string, <-chan error) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := httpkit.NewServer(h, slog.New(slog.DiscardHandler), nil)
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	return server, l.Addr().String(), done
}

// A request in progress when the server stops is answered; the next
// one is refused.
func TestServer_StopFinishesRequests(t *testing.T) {
	t.Parallel()
	begun, release := make(chan struct{}), make(chan struct{})
	server, addr, done := startServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-release
		_, _ = io.WriteString(w, "finished")
	}))
	answered := make(chan string, 1)
	go func() { answered <- get(t, "http://"+addr+"/") }()
	<-begun
	stopped := make(chan error, 1)
	go func() { stopped <- server.Stop(context.WithoutCancel(t.Context())) }()
	if err := <-done; err != nil { // the listener is closed from here on
		t.Errorf("Serve: got %v, want nil", err)
	}
	close(release)
	if got := <-answered; got != "finished" {
		t.Errorf("got %q, want the answer", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Stop: got %v", err)
	}
}

func TestServer_StopCutsOffWhenTheTimeIsOver(t *testing.T) {
	t.Parallel()
	begun, cut := make(chan struct{}), make(chan struct{})
	server, addr, _ := startServer(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		close(cut)
	}))
	go get(t, "http://"+addr+"/")
	<-begun
	expired, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Stop(expired); err == nil {
		t.Error("Stop: got nil, want an error that requests were cut off")
	}
	<-cut
}

func TestServer_RefusesHugeHeaders(t *testing.T) {
	t.Parallel()
	server, addr, _ := startServer(t, http.HandlerFunc(answerOK))
	defer func() { _ = server.Stop(context.WithoutCancel(t.Context())) }()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	go func() {
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("a", 64<<10)+"\r\n\r\n")
	}()
	answer, err := io.ReadAll(io.LimitReader(conn, 64))
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 431 ") {
		t.Errorf("got %q, %v, want 431", answer, err)
	}
}

// get returns the body of the answer, or the error's text.
func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, url, http.NoBody)
	if err != nil {
		return err.Error()
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

// A response that begins while the server drains is the last one on its connection,
// also if the request began before.
func TestServer_DrainEndsConnectionsInUse(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(http.ResponseWriter){
		"body":   func(w http.ResponseWriter) { _, _ = io.WriteString(w, "served") },
		"status": func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) },
	} {
		begun, drained := make(chan struct{}), make(chan struct{})
		server, addr, _ := startServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(begun)
			<-drained
			write(w)
		}))
		go func() {
			<-begun
			server.Drain()
			close(drained)
		}()
		answer, err := http.Get("http://" + addr + "/")
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if !answer.Close {
			t.Errorf("%s: the connection stays open", name)
		}
		if err := server.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// A server that drains answers, and lets each connection go.
func TestServer_DrainEndsConnections(t *testing.T) {
	t.Parallel()
	server, addr, done := startServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "served")
	}))
	for _, draining := range []bool{false, true, true} {
		if draining {
			server.Drain()
		}
		answer, err := http.Get("http://" + addr + "/")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || string(text) != "served" || answer.Close != draining {
			t.Errorf("draining %t: got %q, %v, closing %t", draining, text, err, answer.Close)
		}
	}
	if err := server.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A connection that was accepted gets a response, even if its request comes after Stop
// was called: a proxy would not send the request again.
func TestServer_StopAnswersAcceptedConnections(t *testing.T) {
	t.Parallel()
	server, addr, done := startServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "served")
	}))
	accepted, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = accepted.Close() }()
	answer, err := http.Get("http://" + addr + "/") // connections are accepted in order
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	stopped := make(chan error, 1)
	go func() { stopped <- server.Stop(t.Context()) }()
	if err := <-done; err != nil { // no connection is accepted any more
		t.Error(err)
	}
	if _, err := io.WriteString(accepted, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	late, err := http.ReadResponse(bufio.NewReader(accepted), nil)
	if err != nil {
		t.Fatalf("got no response: %v", err)
	}
	_ = late.Body.Close()
	if late.StatusCode != http.StatusOK || !late.Close {
		t.Errorf("got %s, closing %t, want 200 as the last response", late.Status, late.Close)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
