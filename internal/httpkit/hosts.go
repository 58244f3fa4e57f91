package httpkit

import (
	"net/http"
	"strings"
)

// Hosts is the list of the setting ALLOWED_HOSTS, as Django reads it: a name,
// ".name" for it and all below it, or "*" for every host.
type Hosts []string

// thisMachine are the names by which a machine calls itself.
var thisMachine = Hosts{"localhost", ".localhost", "127.0.0.1", "[::1]"}

// fromPage reports whether a page's script or form may have sent the request.
// Browsers say so in Sec-Fetch-Site, but not where the page's address begins with
// http and is not this machine's (https://www.w3.org/TR/fetch-metadata/). There
// they are known by two headers that a script cannot leave out together: it can
// empty the one and not touch the other.
func fromPage(r *http.Request) bool {
	if r.Header["Origin"] != nil {
		return true
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site != "none"
	}
	return r.Header["Accept-Language"] != nil && r.Header["Accept-Encoding"] != nil
}

// Allow reports whether the Host header is well-formed and on the list, with
// or without a port, in any case. See Django's documentation of ALLOWED_HOSTS.
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

// hostName is the header without port, brackets kept, in lower case and
// without a final dot; false when it is not of Django's form:
// letters, digits, dots and hyphens, or an IPv6 address in brackets.
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
