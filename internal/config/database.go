package config

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxIdentifier is the most characters that MySQL lets the name of a database
// have. See its manual, "Identifier Length Limits".
const maxIdentifier = 64

// maxCertificates is the largest file of CA certificates that is read, in bytes.
const maxCertificates = 4 << 20

// PoolRecycle returns how old a connection to the database may become.
func (c Config) PoolRecycle() time.Duration { return time.Duration(c.DBPoolRecycle) * time.Second }

// Wait returns how long a start waits for a MySQL server that does not answer.
func (c Config) Wait() time.Duration { return time.Duration(c.DBWait) * time.Second }

func (c Config) databaseFault() string {
	if c.DBEngine == MySQL {
		return schemaFault(c.DBName)
	}
	if strings.HasPrefix(c.DBName, "file:") || strings.HasPrefix(c.DBName, ":") || strings.ContainsAny(c.DBName, "\x00?") {
		return quote(c.DBName) + " is not a plain path; name a file such as db.sqlite3"
	}
	return ""
}

func schemaFault(name string) string {
	switch {
	case name == sqliteFile:
		return "required with DB_ENGINE=mysql; name the database on the server"
	case utf8.RuneCountInString(name) > maxIdentifier || strings.ContainsFunc(name, isUnfit):
		return fmt.Sprintf("%s is not the name of a database; use at most %d characters, and no slashes", quote(name), maxIdentifier)
	}
	return ""
}

func isUnfit(r rune) bool {
	return r == '/' || r == '\\' || r == utf8.RuneError || unicode.IsControl(r)
}

func (c Config) databaseUserFault() string {
	if c.DBEngine == MySQL && c.DBUser == "" {
		return "required with DB_ENGINE=mysql"
	}
	return ""
}

var hostNamePattern = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?$`)

// hostNameFault judges the host of a server; example is a name to show, and
// port the setting that the port belongs in.
func hostNameFault(host, example, port string) string {
	addr, err := netip.ParseAddr(host)
	isAddress := err == nil && (addr.Zone() == "" || hostNamePattern.MatchString(addr.Zone()))
	if isAddress || hostNamePattern.MatchString(host) {
		return ""
	}
	return quote(host) + " is not a host; write a name or an address, such as " + example + " or ::1, and the port in " + port
}

// Replicas returns the addresses ("host:port", an IPv6 host in brackets) of the
// read replicas, in the order of DB_REPLICA_HOSTS. Those that are no addresses,
// which Validate reports, are left out.
func (c Config) Replicas() []string {
	var addresses []string
	for _, item := range c.DBReplicaHosts {
		if address, ok := c.replicaAddress(item); ok {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// replicaAddress reads host[:port]. The port is DB_PORT where none is given.
func (c Config) replicaAddress(item string) (address string, ok bool) {
	return serverAddress(item, strconv.Itoa(c.DBPort))
}

// serverAddress reads host[:port]; standard is the port where none is given.
func serverAddress(item, standard string) (address string, ok bool) {
	host, port, err := net.SplitHostPort(item)
	if err != nil {
		port = standard
		host, _, err = net.SplitHostPort(item + ":" + port)
	}
	number, portErr := strconv.ParseUint(port, 10, 16)
	if err != nil || portErr != nil || number == 0 || hostNameFault(host, "", "") != "" {
		return "", false
	}
	if strings.HasPrefix(item, "[") != strings.Contains(host, ":") { // brackets are for IPv6 alone
		return "", false
	}
	return net.JoinHostPort(host, strconv.FormatUint(number, 10)), true
}

func (c Config) databaseReplicasFault() string {
	if len(c.DBReplicaHosts) > 0 && c.DBEngine == SQLite {
		return "replicas are for DB_ENGINE=mysql; a SQLite file has none"
	}
	var addresses []string
	for _, item := range c.DBReplicaHosts {
		address, ok := c.replicaAddress(item)
		switch {
		case !ok:
			return quote(item) + " is not a server; write host or host:port, such as db2.example.com:3306 or [::1]:3306"
		case slices.Contains(addresses, address):
			return quote(item) + " is named twice; name each replica once"
		}
		addresses = append(addresses, address)
	}
	return ""
}

func (c Config) databaseTLSFault() string {
	if c.DBEngine != MySQL || c.DBTLS == TLSOff || c.DBTLS == TLSOn {
		return ""
	}
	if hasCertificates(c.DBTLS) {
		return ""
	}
	return quote(c.DBTLS) + " is neither off, on nor a readable file with CA certificates in PEM"
}

// hasCertificates reports whether a file has certificates in PEM.
func hasCertificates(path string) bool {
	certificates, err := readLimited(path, maxCertificates)
	return err == nil && x509.NewCertPool().AppendCertsFromPEM(certificates)
}
