package mysqltest

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"

	"roster/internal/store/mysql"
)

// Verdict is what happens to a command.
type Verdict int

// The verdicts.
const (
	Pass      Verdict = iota // the command is forwarded
	CutBefore                // the connection is closed before the server sees the command
	CutAfter                 // the server sees the command, but its response is lost
	Demoted                  // the response is that the server is read-only
)

// demoted is an error 1290 (ER_OPTION_PREVENTS_STATEMENT), as the packet after
// a command.
var demoted = packetOf(1, "\xff\x0a\x05#HY000The MySQL server is running with the --read-only option")

func packetOf(sequence byte, content string) []byte {
	n := len(content)
	return append([]byte{byte(n), byte(n >> 8), byte(n >> 16), sequence}, content...) //nolint:gosec // three bytes hold the length
}

// Proxy is a proxy between a store and its server. It parses the traffic, so it
// only supports connections without TLS.
type Proxy struct {
	server string
	listen string

	mu       sync.Mutex
	judge    func(command string) Verdict
	rewrite  func(command string) string
	listener net.Listener
	conns    map[net.Conn]bool
	stopped  bool
	wait     sync.WaitGroup
}

// NewProxy returns a proxy to the server of o, and options to connect through
// it.
func NewProxy(t testing.TB, o mysql.Options) (*Proxy, mysql.Options) {
	t.Helper()
	p := &Proxy{
		server: net.JoinHostPort(o.Host, strconv.Itoa(o.Port)),
		listen: "127.0.0.1:0",
		conns:  make(map[net.Conn]bool),
	}
	p.Start(t)
	t.Cleanup(func() { p.Stop(t) })
	addr, ok := p.listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("got %v, want a TCP address", p.listener.Addr())
	}
	p.listen = addr.String()
	o.Host, o.Port = "127.0.0.1", addr.Port
	return p, o
}

// Judge sets the function that decides about later commands; their text begins
// with the SQL.
func (p *Proxy) Judge(judge func(command string) Verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.judge = judge
}

// Rewrite sets the function that changes later commands, whose text is the SQL. It
// keeps those of more than one packet as they are.
func (p *Proxy) Rewrite(rewrite func(command string) string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rewrite = rewrite
}

// Start accepts connections again after Stop.
func (p *Proxy) Start(t testing.TB) {
	t.Helper()
	listener, err := net.Listen("tcp", p.listen) //nolint:noctx // it takes no time
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.listener, p.stopped = listener, false
	p.mu.Unlock()
	p.wait.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.wait.Go(func() { p.serve(client) })
		}
	})
}

// Stop closes all connections and accepts no new ones.
func (p *Proxy) Stop(t testing.TB) {
	t.Helper()
	p.mu.Lock()
	p.stopped = true
	err := p.listener.Close()
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	if err != nil && !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	p.wait.Wait()
}

func (p *Proxy) hold(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = true
		if p.stopped {
			_ = c.Close()
		}
	}
}

func (p *Proxy) release(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
		delete(p.conns, c)
	}
}

func (p *Proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.server) //nolint:noctx // Stop ends it
	if err != nil {
		_ = client.Close()
		return
	}
	p.hold(client, server)
	defer p.release(client, server)
	p.wait.Go(func() {
		_, _ = io.Copy(client, server)
		p.release(client, server)
	})
	for p.forward(client, server) {
	}
}

// forward forwards one packet: three bytes of length, a sequence number within
// the command, and the content.
func (p *Proxy) forward(client, server net.Conn) bool {
	var header [4]byte
	if _, err := io.ReadFull(client, header[:]); err != nil {
		return false
	}
	length := int(binary.LittleEndian.Uint32(header[:]) & 0xffffff)
	packet := make([]byte, len(header)+length)
	copy(packet, header[:])
	if _, err := io.ReadFull(client, packet[4:]); err != nil {
		return false
	}
	verdict := Pass
	p.mu.Lock()
	judge, rewrite := p.judge, p.rewrite
	p.mu.Unlock()
	if rewrite != nil && packet[3] == 0 && length > 1 && length < 0xffffff {
		packet = packetOf(0, string(packet[4])+rewrite(string(packet[5:])))
		length = len(packet) - len(header)
	}
	if judge != nil && packet[3] == 0 && length > 1 {
		verdict = judge(string(packet[5:]))
	}
	switch verdict {
	case CutBefore:
		return false
	case Demoted:
		_, err := client.Write(demoted)
		return err == nil
	case CutAfter:
		_ = client.Close()
	}
	_, err := server.Write(packet)
	return err == nil && verdict == Pass
}
