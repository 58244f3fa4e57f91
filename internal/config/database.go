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

// maxIdentifier is the maximum length of a MySQL database name, in characters.
// See its manual, "Identifier Length Limits".
const maxIdentifier = 64

// maxCertificates is the maximum size of a file of CA certificates, in bytes.
const maxCertificates = 4 << 20

// PoolRecycle returns the maximum age of a database connection.
func (c Config) PoolRecycle() time.Duration { return time.Duration(c.DBPoolRecycle) * time.Second }

// Wait returns how long to wait at start for an unavailable MySQL server.
func (c Config) Wait() time.Duration { return time.Duration(c.DBWait) * time.Second }

// sqliteFile is the default of DB_NAME, which only SQLite has.
const sqliteFile = "db.sqlite3"

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

// hostNameFault validates a server's host. example is a host to show in the
// message, and port the name of the setting for the port.
func hostNameFault(host, example, port string) string {
	addr, err := netip.ParseAddr(host)
	isAddress := err == nil && (addr.Zone() == "" || hostNamePattern.MatchString(addr.Zone()))
	if isAddress || hostNamePattern.MatchString(host) {
		return ""
	}
	return quote(host) + " is not a host; write a name or an address, such as " + example + " or ::1, and the port in " + port
}

// Replicas returns the addresses ("host:port", an IPv6 host in brackets) of the
// read replicas, in the order of DB_REPLICA_HOSTS. Invalid addresses, which
// Validate reports, are omitted.
func (c Config) Replicas() []string {
	var addresses []string
	for _, item := range c.DBReplicaHosts {
		if address, ok := c.replicaAddress(item); ok {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// replicaAddress parses host[:port]. The port defaults to DB_PORT.
func (c Config) replicaAddress(item string) (address string, ok bool) {
	return serverAddress(item, strconv.Itoa(c.DBPort))
}

// serverAddress parses host[:port]. The port defaults to standard.
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
	if strings.HasPrefix(item, "[") != strings.Contains(host, ":") { // brackets are only for IPv6
		return "", false
	}
	return net.JoinHostPort(host, strconv.FormatUint(number, 10)), true
}

func (c Config) databaseReplicasFault() string {
	if len(c.DBReplicaHosts) > 0 && c.DBEngine == SQLite {
		return "replicas require DB_ENGINE=mysql"
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

// hasCertificates reports whether a file contains PEM certificates.
func hasCertificates(path string) bool {
	certificates, err := readLimited(path, maxCertificates)
	return err == nil && x509.NewCertPool().AppendCertsFromPEM(certificates)
}
