package config

import (
	"path/filepath"
	"strings"
)

// maxSocket is the maximum length of a socket's path in bytes; see unix(7).
const maxSocket = 107

// SocketPath returns the path of a Unix socket to listen on, written as a path or as
// "unix:/path"; false for other addresses.
func SocketPath(bind string) (string, bool) {
	path, prefixed := strings.CutPrefix(bind, "unix:")
	return path, prefixed || filepath.IsAbs(path)
}

func socketFault(path string) string {
	switch {
	case !filepath.IsAbs(path):
		return quote("unix:"+path) + " is not an absolute path, such as unix:/run/roster/web.sock"
	case len(path) > maxSocket:
		return quote(path) + " is too long for a socket; use at most 107 bytes"
	}
	return ""
}

// databaseHostFault validates DB_HOST: a host, or the path of a Unix socket.
func (c Config) databaseHostFault() string {
	if filepath.IsAbs(c.DBHost) {
		return ""
	}
	return hostNameFault(c.DBHost, "db.example.com", "DB_PORT")
}
