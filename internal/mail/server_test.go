package mail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"roster/internal/mail"
)

// server is a real SMTP server in this process. What a hook returns is its
// answer, nil for one that accepts; the hooks run in the server's goroutines.
type server struct {
	t     testing.TB
	host  string
	port  int
	roots *x509.CertPool // of its certificate
	ended chan struct{}  // receives for each session that has ended

	user, password string // of the login; no user: none is offered
	mechanisms     []string
	onMail         func(from string) error
	onRcpt         func(to string) error
	onData         func(c *smtp.Conn) error // after the text was read

	mu       sync.Mutex
	accepted int
	tried    int // logins
	utf8     int // messages announced with SMTPUTF8
	taken    []delivery
}

// delivery is a message that the server has taken over.
type delivery struct{ from, to, text string }

// start serves until the test ends. Encrypted from the first byte with
// security mail.TLS, else STARTTLS is offered unless security is mail.Plain.
func start(t testing.TB, s *server, security mail.Security) *server {
	t.Helper()
	s.t, s.ended = t, make(chan struct{}, 1000)
	certificate, roots := newCertificate(t)
	s.roots = roots
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	s.host = host
	s.port, _ = strconv.Atoi(port)
	srv := smtp.NewServer(s)
	srv.Domain, srv.EnableSMTPUTF8, srv.AllowInsecureAuth = "localhost", s.utf8 >= 0, true
	srv.ErrorLog = log.New(io.Discard, "", 0)
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	switch security {
	case mail.STARTTLS:
		srv.TLSConfig = config
	case mail.TLS:
		listener = tls.NewListener(listener, config)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = srv.Serve(counter{listener, s})
	}()
	t.Cleanup(func() {
		_ = srv.Close()
		<-served
	})
	return s
}

// counter counts the connections of a server.
type counter struct {
	net.Listener
	server *server
}

func (c counter) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.server.mu.Lock()
		c.server.accepted++
		c.server.mu.Unlock()
	}
	return conn, err
}

// newCertificate makes a certificate for 127.0.0.1, and who vouches for it.
func newCertificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "roster test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// sender returns a sender through the server, changed by the options, that is
// closed when the test ends.
func (s *server) sender(security mail.Security, change ...func(*mail.SMTPOptions)) *mail.SMTP {
	o := mail.SMTPOptions{Host: s.host, Port: s.port, Security: security, User: s.user, Password: s.password, Composer: composer(), RootCAs: s.roots}
	for _, apply := range change {
		apply(&o)
	}
	sender := mail.NewSMTP(o)
	s.t.Cleanup(func() { _ = sender.Close() })
	return sender
}

// received returns what the server has taken over.
func (s *server) received() []delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]delivery(nil), s.taken...)
}

// connections returns how many there have been.
func (s *server) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// logins returns how many have been tried.
func (s *server) logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tried
}

// NewSession makes the server a smtp.Backend.
func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	if s.user == "" {
		return &session{server: s, conn: c}, nil
	}
	return &loginSession{session{server: s, conn: c}}, nil
}

type session struct {
	server   *server
	conn     *smtp.Conn
	signedIn bool
	delivery delivery
}

func (s *session) Reset() { s.delivery = delivery{} }

func (s *session) Logout() error {
	s.server.ended <- struct{}{}
	return nil
}

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	s.server.mu.Lock()
	if o != nil && o.UTF8 {
		s.server.utf8++
	}
	s.server.mu.Unlock()
	if s.server.user != "" && !s.signedIn {
		return smtp.ErrAuthRequired
	}
	s.delivery.from = from
	return call(s.server.onMail, from)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.delivery.to = to
	return call(s.server.onRcpt, to)
}

func call(hook func(string) error, value string) error {
	if hook == nil {
		return nil
	}
	return hook(value)
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.onData != nil {
		if err := s.server.onData(s.conn); err != nil {
			return err
		}
	}
	s.delivery.text = string(text)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.taken = append(s.server.taken, s.delivery)
	return nil
}

// loginSession is a session of a server that offers a login.
type loginSession struct{ session }

func (s *loginSession) AuthMechanisms() []string {
	if s.server.mechanisms != nil {
		return s.server.mechanisms
	}
	return []string{sasl.Plain}
}

func (s *loginSession) Auth(mechanism string) (sasl.Server, error) {
	s.server.mu.Lock()
	s.server.tried++
	s.server.mu.Unlock()
	check := func(user, password string) error {
		if user != s.server.user || password != "right" {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case sasl.Login:
		return &loginServer{check: check}, nil
	case "CRAM-MD5":
		return &cramServer{check: check}, nil
	}
	return nil, errors.New("unknown mechanism")
}

// loginServer asks for the user and the password, as the mechanism LOGIN does.
type loginServer struct {
	check func(user, password string) error
	user  string
	step  int
}

func (l *loginServer) Next(answer []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(answer)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(answer))
}

// cramServer sends a challenge, as RFC 2195 has it, and knows one password.
type cramServer struct {
	check func(user, password string) error
	asked bool
}

func (c *cramServer) Next(answer []byte) (challenge []byte, done bool, err error) {
	if !c.asked {
		c.asked = true
		return []byte("<1@localhost>"), false, nil
	}
	mac := hmac.New(md5.New, []byte("right"))
	mac.Write([]byte("<1@localhost>"))
	user, sum, _ := strings.Cut(string(answer), " ")
	if sum != hex.EncodeToString(mac.Sum(nil)) {
		return nil, true, c.check(user, "wrong")
	}
	return nil, true, c.check(user, "right")
}

func answer(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: text}
}
