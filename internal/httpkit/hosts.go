package httpkit

import (
	"net/http"
	"slices"
	"strings"
)

// Hosts is the setting ALLOWED_HOSTS as Django reads it: a name, ".name" for the
// name and its subdomains, or "*" for every host.
type Hosts []string

// thisMachine has the names of the loopback interface.
var thisMachine = Hosts{"localhost", ".localhost", "127.0.0.1", "[::1]"}

// LocalHosts returns the names of the loopback interface.
func LocalHosts() Hosts { return slices.Clone(thisMachine) }

// fromPage reports whether a page's script or form may have sent the request.
// Browsers send Sec-Fetch-Site, except from http pages of other machines
// (https://www.w3.org/TR/fetch-metadata/). Those are recognized by two headers of
// which a script can remove only one.
func fromPage(r *http.Request) bool {
	if r.Header["Origin"] != nil {
		return true
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site != "none"
	}
	return r.Header["Accept-Language"] != nil && r.Header["Accept-Encoding"] != nil
}

// Allow reports whether a Host header is well-formed and on the list. Port and
// case do not matter. See Django's documentation of ALLOWED_HOSTS.
func (hs Hosts) Allow(header string) bool {
	name, ok := hostName(header)
	if !ok {
		return false
	}
	for _, host := range hs {
		if host == "*" || matchHost(name, strings.ToLower(host)) {
			return true
		}
	}
	return false
}

func matchHost(name, host string) bool {
	if strings.HasPrefix(host, ".") {
		return name == host[1:] || strings.HasSuffix(name, host)
	}
	return name == host
}

// hostName returns the header in lower case without port and final dot, with
// brackets; false unless it has Django's form: letters, digits, dots and hyphens,
// or an IPv6 address in brackets.
func hostName(header string) (string, bool) {
	name, port := header, ""
	if i := strings.LastIndexByte(header, ':'); i > strings.LastIndexByte(header, ']') {
		name, port = header[:i], header[i+1:]
		if port == "" {
			return "", false
		}
	}
	if !all(port, isDigit) || !validName(name) {
		return "", false
	}
	return strings.TrimSuffix(strings.ToLower(name), "."), true
}

func validName(name string) bool {
	if inner, ok := strings.CutPrefix(name, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		return ok && strings.Contains(inner, ":") && all(inner, isAddressByte)
	}
	return name != "" && all(name, isNameByte)
}

func all(s string, accept func(byte) bool) bool {
	for i := range len(s) {
		if !accept(s[i]) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAddressByte(c byte) bool {
	return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' || c == ':' || c == '.'
}

func isNameByte(c byte) bool {
	return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '.' || c == '-'
}
