package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMySQL_TLS: a server that takes no connection in the clear is reached
// when its certificate can be verified, and otherwise refused by name.
func TestMySQL_TLS(t *testing.T) {
	t.Parallel()
	certificate, key := writeCertificate(t)
	m := ownMySQL(t, "--require-secure-transport=ON", "--ssl-ca="+certificate, "--ssl-cert="+certificate, "--ssl-key="+key)
	m.dsn += "?tls=skip-verify"
	settings := m.newDatabase().settings
	for name, test := range map[string]struct {
		more []string
		want string // the one line of the error; "" for none
	}{
		"in the clear":                {[]string{"DB_TLS=off"}, "DB_TLS: "},
		"its file":                    {[]string{"DB_TLS=" + certificate}, ""},
		"its file, another name":      {[]string{"DB_TLS=" + certificate, "DB_HOST=localhost"}, "DB_TLS: "},
		"the system's":                {[]string{"DB_TLS=on", "SSL_CERT_FILE=" + certificate}, ""},
		"the system's, which lack it": {[]string{"DB_TLS=on"}, "DB_TLS: "},
	} {
		out, err := roster(t, t.TempDir(), append(append(settings[:len(settings):len(settings)], "DB_WAIT=0"), test.more...), "migrate").CombinedOutput()
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: got %v: %s, want no error", name, err, out)
		case test.want != "" && (err == nil || !strings.HasPrefix(string(out), "roster: "+test.want) || strings.Count(string(out), "\n") != 1):
			t.Errorf("%s: got %v: %s, want one line that begins with %s", name, err, out, test.want)
		}
	}
}

// writeCertificate makes a certificate for 127.0.0.1 that vouches for itself.
func writeCertificate(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	return writePEM(t, dir, "CERTIFICATE", signed), writePEM(t, dir, "PRIVATE KEY", encoded)
}

func writePEM(t *testing.T, dir, kind string, content []byte) (path string) {
	t.Helper()
	path = filepath.Join(dir, strings.ReplaceAll(kind, " ", "-")+".pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
