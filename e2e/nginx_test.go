package e2e_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// proxy is a running nginx with the files of deploy/nginx.
type proxy struct {
	t      *testing.T
	host   string // with its port, as clients write it
	static string // the folder of the static files
	client *http.Client
}

// startNginx runs nginx with deploy/nginx/roster.conf on free ports, in front
// of the servers. Nothing but ports, paths and pauses is changed.
func startNginx(t *testing.T, servers ...string) *proxy {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil { // nginx's workers may be another user
		t.Fatal(err)
	}
	plain, secure := freeAddress(t), freeAddress(t)
	p := &proxy{t: t, host: "roster.example", static: filepath.Join(dir, "static")}
	site := strings.NewReplacer(
		"listen 80 ", "listen "+plain+" ", "listen 443 ", "listen "+secure+" ",
		"\tlisten [::]:80 default_server;\n", "", "\tlisten [::]:443 ssl http2 default_server;\n", "",
		"/usr/share/roster/static/", p.static+"/",
	).Replace(readFile(t, "../deploy/nginx", "roster.conf"))
	write(t, dir, "nginx.conf", "daemon off;\nworker_processes 1;\npid nginx.pid;\nerror_log error.log info;\n"+
		"events { worker_connections 512; }\nhttp {\naccess_log off;\nclient_body_temp_path tmp;\nproxy_temp_path tmp;\n"+
		"fastcgi_temp_path tmp;\nuwsgi_temp_path tmp;\nscgi_temp_path tmp;\n"+site+"}\n")
	write(t, dir, "roster/proxy.conf", readFile(t, "../deploy/nginx", "proxy.conf"))
	var upstream strings.Builder
	for _, address := range servers {
		fmt.Fprintf(&upstream, "server %s max_fails=0;\n", address)
	}
	write(t, dir, "roster/upstream.conf", upstream.String()+"keepalive 32;\nkeepalive_timeout 1s;\n")
	p.client = p.trust(writeSiteCertificate(t, dir, p.host), secure)
	t.Cleanup(runNginx(t, dir, secure))
	return p
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// writeSiteCertificate makes a certificate for host, and returns those who trust it.
func writeSiteCertificate(t *testing.T, dir, host string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	write(t, dir, "roster/tls/roster.crt", string(certificate))
	write(t, dir, "roster/tls/roster.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certificate)
	return pool
}

// trust returns a client that finds the host at the address, and repeats nothing.
func (p *proxy) trust(pool *x509.CertPool, address string) *http.Client {
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: p.host},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
		MaxIdleConnsPerHost: 32,
		DisableCompression:  true,
	}
	p.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// runNginx has the configuration judged, starts nginx, and returns what ends it.
func runNginx(t *testing.T, dir, address string) (end func()) {
	t.Helper()
	args := []string{"-p", dir, "-c", "nginx.conf", "-e", "error.log"}
	if out, err := exec.CommandContext(t.Context(), "nginx", append(args, "-t")...).CombinedOutput(); err != nil {
		t.Fatalf("nginx -t: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "nginx", args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, patience, "nginx to listen", func() bool {
		conn, err := net.DialTimeout("tcp", address, patience)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait() // whatever it says, it has ended
		if t.Failed() {
			t.Logf("nginx: %s", readFile(t, dir, "error.log"))
		}
	}
}

// ask sends a request by way of nginx; headers are names and values in turn.
func (p *proxy) ask(method, path, body string, headers ...string) (received, error) {
	req, err := http.NewRequestWithContext(p.t.Context(), method, "https://"+p.host+path, strings.NewReader(body))
	if err != nil {
		return received{}, err
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	req.GetBody = nil // the client must not hide a lost request by sending it again
	answer, err := p.client.Do(req)
	if err != nil {
		return received{}, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	return received{answer.StatusCode, answer.Header, string(text)}, err
}

// TestNginx_PassesOn shows what becomes of a request between client and server.
func TestNginx_PassesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startServer(t, dir, "TRUSTED_PROXIES=127.0.0.1", "ALLOWED_HOSTS=roster.example", "API_PERMISSION=AllowAny")
	p := startNginx(t, s.address())
	if out, err := roster(t, dir, nil, "collectstatic", p.static).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	page, err := p.ask(http.MethodGet, "/users/", "", "X-Forwarded-For", "6.6.6.6", "X-Forwarded-Proto", "http")
	if err != nil || page.status != http.StatusOK || page.header.Get("Strict-Transport-Security") == "" {
		t.Fatalf("the page over TLS: got %d %v, %v", page.status, page.header, err)
	}
	styles := page.body[strings.Index(page.body, "/static/css/roster."):]
	styles, _, _ = strings.Cut(styles, `"`)
	name := filepath.Join(p.static, filepath.FromSlash(strings.TrimPrefix(styles, "/static/")))
	fromDisk, err := os.ReadFile(name + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	for _, there := range []bool{true, false} { // the second time only the server has it
		got, err := p.ask(http.MethodGet, styles, "", "Accept-Encoding", "gzip")
		if err != nil || got.status != http.StatusOK || got.body != string(fromDisk) ||
			got.header.Get("Content-Type") != "text/css; charset=utf-8" || got.header.Get("Content-Encoding") != "gzip" ||
			got.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s on the disk: %t: got %d %v, %v", styles, there, got.status, got.header, err)
		}
		if err := errors.Join(os.Remove(name+".gz"), os.Remove(name)); there && err != nil {
			t.Fatal(err)
		}
	}
	plain, err := p.ask(http.MethodGet, "/static/css/roster.css", "")
	if err != nil || plain.status != http.StatusOK || plain.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("without a fingerprint: got %d %v, %v", plain.status, plain.header, err)
	}
	big, err := p.ask(http.MethodPost, "/api/users/", strings.Repeat(" ", 8<<20+1))
	if err != nil || big.status != http.StatusRequestEntityTooLarge {
		t.Errorf("over 8 MiB: got %d, %v, want 413", big.status, err)
	}
	if !strings.Contains(readFile(t, dir, "logs/app.log"), "path=/users/") || strings.Contains(readFile(t, dir, "logs/app.log"), "6.6.6.6") {
		t.Error("the log has the address that the client invented, or no request")
	}
}

// TestNginx_Upgrades shows that a WebSocket handshake reaches the server, and
// bytes go both ways after it.
func TestNginx_Upgrades(t *testing.T) {
	t.Parallel()
	echo := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Connection") != "upgrade" {
			t.Errorf("got the headers %v", r.Header)
		}
		conn, stream, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
		_, _ = io.CopyN(conn, stream, 5)
	}), ReadHeaderTimeout: patience}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = echo.Serve(listener) }() // until Close
	t.Cleanup(func() { _ = echo.Close() })
	p := startNginx(t, listener.Addr().String())
	p.client.Timeout = 0 // with one the body cannot be written to
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+p.host+"/ws/users/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	answer, err := p.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	stream, ok := answer.Body.(io.ReadWriteCloser)
	if answer.StatusCode != http.StatusSwitchingProtocols || !ok {
		t.Fatalf("got %d", answer.StatusCode)
	}
	defer func() { _ = stream.Close() }()
	if _, err := io.WriteString(stream, "hello"); err != nil {
		t.Fatal(err)
	}
	echoed := make([]byte, 5)
	if _, err := io.ReadFull(stream, echoed); err != nil || !bytes.Equal(echoed, []byte("hello")) {
		t.Errorf("got %q, %v", echoed, err)
	}
}

// TestNginx_RestartLosesNothing restarts both servers behind nginx, one after
// the other and under load, on sockets that are held for them. Every request is
// answered, and what was acknowledged is there once.
func TestNginx_RestartLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	settings := []string{"DB_NAME=" + filepath.Join(dir, "db.sqlite3"), "TRUSTED_PROXIES=127.0.0.1", "SHUTDOWN_DELAY=4", "API_PERMISSION=AllowAny"}
	held := []socket{holdSocket(t), holdSocket(t)}
	dirs := []string{t.TempDir(), t.TempDir()}
	servers := []*server{startOn(t, held[0], dirs[0], settings...), startOn(t, held[1], dirs[1], settings...)}
	p := startNginx(t, held[0].address, held[1].address)
	var created, asked atomic.Int64
	stop := make(chan struct{})
	var group sync.WaitGroup
	for client := range 6 {
		group.Go(func() { p.load(client, stop, &asked, &created) })
	}
	for i := range servers {
		eventually(t, patience, "requests between the restarts", moreThan(&asked, 100))
		if status := servers[i].stop(); status != 0 {
			t.Errorf("got status %d", status)
		}
		servers[i] = startOn(t, held[i], dirs[i], settings...)
	}
	eventually(t, patience, "requests after the restarts", moreThan(&asked, 100))
	close(stop)
	group.Wait()
	if got := servers[0].number("/api/users/", "count"); int64(got) != created.Load() {
		t.Errorf("got %d users, want the %d that were acknowledged", got, created.Load())
	}
	t.Logf("%d requests, %d of them creates, and two restarts", asked.Load(), created.Load())
}

// moreThan reports whether the counter has grown by n since now.
func moreThan(counter *atomic.Int64, n int64) func() bool {
	begun := counter.Load()
	return func() bool { return counter.Load() > begun+n }
}

// load reads and creates in turn until stop is closed; every answer must be right.
func (p *proxy) load(client int, stop <-chan struct{}, asked, created *atomic.Int64) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		name := fmt.Sprintf("load-%d-%d", client, i)
		got, err := p.ask(http.MethodPost, "/api/users/", `{"username":"`+name+`","email":"`+name+`@example.com"}`, "Content-Type", "application/json")
		if err != nil || got.status != http.StatusCreated {
			p.t.Errorf("create: got %d %.200s, %v", got.status, got.body, err)
			return
		}
		created.Add(1)
		if got, err = p.ask(http.MethodGet, "/api/users/?search="+name, ""); err != nil || got.status != http.StatusOK || !strings.Contains(got.body, name) {
			p.t.Errorf("list: got %d %.200s, %v", got.status, got.body, err)
			return
		}
		asked.Add(2)
	}
}
