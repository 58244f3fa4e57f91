package redis_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"roster/internal/redis"
	"roster/internal/redis/redistest"
	"roster/internal/secret"
)

// patience is how long something may take that does not depend on how long it takes.
const patience = 5 * time.Minute

// eventually returns once the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begin := time.Now(); !holds(); <-time.After(10 * time.Millisecond) {
		if time.Since(begin) > patience {
			t.Fatalf("%s: not within %s", what, patience)
		}
	}
}

// lines is a log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start starts a broker that is closed with the test.
func start(t *testing.T, o redis.Options) (*redis.Broker, *lines) {
	t.Helper()
	log := &lines{}
	b := redis.Start(o, slog.New(slog.NewTextHandler(log, nil)))
	t.Cleanup(b.Close)
	return b, log
}

// connected starts a broker and returns when it works.
func connected(t *testing.T, o redis.Options) (*redis.Broker, *lines) {
	t.Helper()
	b, log := start(t, o)
	works(t, b)
	return b, log
}

func works(t *testing.T, b *redis.Broker) {
	t.Helper()
	eventually(t, "the broker to work", func() bool { return b.Check(t.Context()) == nil })
}

// passes checks that what one announces reaches the other again.
func passes(t *testing.T, from *redis.Broker, news <-chan struct{}) {
	t.Helper()
	eventually(t, "the word to be passed on", func() bool {
		from.Announce([]string{"default"})
		return notified(news)
	})
}

func notified(news <-chan struct{}) bool {
	select {
	case <-news:
		return true
	default:
		return false
	}
}

func single(s *redistest.Server) redis.Options {
	return redis.Options{Addresses: []string{s.Address()}}
}

func TestBroker_NotifiesThoseConcerned(t *testing.T) {
	t.Parallel()
	o := single(redistest.Start(t))
	a, _ := connected(t, o)
	b, _ := connected(t, o)
	elsewhere := o
	elsewhere.Database = 1
	c, _ := connected(t, elsewhere)
	own, all, mail, other, apart := a.Listen(nil), b.Listen(nil), b.Listen([]string{"x", "mail"}), b.Listen([]string{"y"}), c.Listen(nil)
	a.Announce([]string{"mail", "mail"})
	eventually(t, "a notification", func() bool { return notified(mail) })
	eventually(t, "a notification", func() bool { return notified(all) })
	if notified(own) || notified(other) || notified(apart) {
		t.Error("the announcer, another queue or another installation was notified")
	}
	a.Announce([]string{""})
	eventually(t, "a notification of any queue", func() bool { return notified(other) })
	a.Announce(nil)
	for n := range 200 {
		a.Announce([]string{fmt.Sprint("z", n)})
	}
	eventually(t, "a notification of many queues", func() bool { return notified(other) })
}

// Whatever happens to Redis, nothing waits for it, and notifications work again
// afterwards.
func TestBroker_Survives(t *testing.T) {
	t.Parallel()
	for _, fault := range []redistest.Fault{
		redistest.Killed, redistest.Frozen, redistest.Flushed, redistest.Full, redistest.CutOff,
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t)
			a, log := connected(t, single(s))
			b, _ := connected(t, single(s))
			news := b.Listen(nil)
			passes(t, a, news)
			s.Break(t, fault)
			for range 10_000 {
				a.Announce([]string{"default"})
			}
			if fault.Silent() {
				eventually(t, "the broker to say that it fails", func() bool { return a.Check(t.Context()) != nil })
			} else {
				passes(t, a, news)
			}
			s.Mend(t, fault)
			passes(t, a, news)
			works(t, a)
			works(t, b)
			if said := log.String(); fault.Silent() != strings.Contains(said, "workers poll once a second") && fault != redistest.CutOff {
				t.Errorf("got the log\n%s", said)
			}
		})
	}
}

// A broker that cannot connect can be closed all the same.
func TestBroker_ClosesWhileFrozen(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	b, _ := connected(t, single(s))
	s.Signal(t, syscall.SIGSTOP)
	never, _ := start(t, single(s))
	b.Announce([]string{"default"})
	b.Close()
	never.Close()
	never.Close()
	if never.Check(t.Context()) == nil {
		t.Error("a broker that never connected says that it works")
	}
}

func TestBroker_SentinelFailover(t *testing.T) {
	t.Parallel()
	w := redistest.StartWatched(t)
	o := redis.Options{Mode: redis.Sentinel, Addresses: []string{"127.0.0.1:1", w.Sentinel.Address()}, Master: redistest.MasterName}
	a, _ := connected(t, o)
	b, _ := connected(t, o)
	news := b.Listen(nil)
	passes(t, a, news)
	w.Master.Kill(t)
	eventually(t, "the broker to lose the master", func() bool { return a.Check(t.Context()) != nil })
	works(t, a)
	works(t, b)
	passes(t, a, news)
	if got := w.Replica.Do(t, "INFO replication"); !strings.Contains(got, "role:master") {
		t.Errorf("got %s, want the replica to be the master", got)
	}
}

func TestBroker_ClusterNodeLost(t *testing.T) {
	t.Parallel()
	nodes := redistest.StartCluster(t)
	o := redis.Options{Mode: redis.Cluster}
	for _, n := range nodes {
		o.Addresses = append(o.Addresses, n.Address())
	}
	at := o
	at.Addresses = o.Addresses[:1]
	a, _ := connected(t, at)
	at.Addresses = o.Addresses[1:]
	b, _ := connected(t, at)
	c, _ := connected(t, o)
	newsB, newsC := b.Listen(nil), c.Listen(nil)
	passes(t, a, newsB)
	passes(t, a, newsC)
	nodes[1].Kill(t)
	passes(t, a, newsB)
	passes(t, b, newsC)
	works(t, c)
}

func TestProbe_Refusals(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	s.Do(t, "ACL SETUSER weak on >hunter2 ~* +@all resetchannels")
	s.Do(t, "ACL SETUSER apt on >hunter2 +publish +subscribe &roster:*")
	locked := redistest.Start(t, "--requirepass", "hunter2")
	frozen := redistest.Start(t)
	frozen.Signal(t, syscall.SIGSTOP)
	with := func(o redis.Options, user, password string) redis.Options {
		o.User, o.Password = user, secret.New(password)
		return o
	}
	nowhere, tls := redis.Options{Addresses: []string{"127.0.0.1:1"}}, single(s)
	tls.TLS = true
	absent := redis.Options{Mode: redis.Sentinel, Addresses: nowhere.Addresses, Master: "main"}
	for want, o := range map[string]redis.Options{
		"Redis at " + locked.Address() + " requires a password":                       single(locked),
		"Redis at " + locked.Address() + " rejects the user or the password":          with(single(locked), "", "hunter2x"),
		"Redis at " + s.Address() + " rejects the user or the password":               with(single(s), "unknown", "hunter2"),
		"Redis at " + s.Address() + " does not let this user publish and subscribe: ": with(single(s), "weak", "hunter2"),
		"Redis at 127.0.0.1:1 cannot be reached: connect: connection refused":         nowhere,
		"the Redis main of the sentinels at 127.0.0.1:1 cannot be reached: ":          absent,
		"Redis at " + frozen.Address() + " does not answer within 2s":                 single(frozen),
		"Redis at " + s.Address() + " does not answer within 2s":                      tls,
	} {
		_, err := redis.Probe(t.Context(), o)
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for name, o := range map[string]redis.Options{"rights": with(single(s), "apt", "hunter2"), "password": with(single(locked), "", "hunter2")} {
		if _, err := redis.Probe(t.Context(), o); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProbe_Reports(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "--maxmemory-policy", "allkeys-lru")
	got, err := redis.Probe(t.Context(), single(s))
	if err != nil || got.Version == "" || got.Policy != "allkeys-lru" || got.AOF || got.Took <= 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	s.Do(t, "CONFIG SET appendonly yes")
	s.Do(t, "CONFIG SET maxmemory-policy noeviction")
	got, err = redis.Probe(t.Context(), single(s))
	if err != nil || got.Policy != "noeviction" || !got.AOF {
		t.Errorf("got %+v, %v", got, err)
	}
}

// writeCertificate writes the certificate of a test server, and its key.
func writeCertificate(t *testing.T) (certificate, key string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	private, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certificate, key = filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	for path, block := range map[string]*pem.Block{
		certificate: {Type: "CERTIFICATE", Bytes: server.Certificate().Raw}, key: {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certificate, key
}

func TestProbe_TLS(t *testing.T) {
	t.Parallel()
	certificate, key := writeCertificate(t)
	address := idleAddress(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	redistest.Start(t, "--tls-port", port, "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no")
	o := redis.Options{Addresses: []string{address}, TLS: true, CAFile: certificate}
	if _, err := redis.Probe(t.Context(), o); err != nil {
		t.Error(err)
	}
	o.CAFile = ""
	if _, err := redis.Probe(t.Context(), o); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v, want that the certificate is not trusted", err)
	}
}

// idleAddress is an address on which nothing listens any more.
func idleAddress(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(nil)
	defer server.Close()
	return server.Listener.Addr().String()
}
