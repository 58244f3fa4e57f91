package httpkit

import (
	"net/http"
	"regexp"
	"strings"
)

// Handlers, routes and templates know paths without the prefix that a proxy strips.
// It is added to what leaves: to the addresses in pages, to redirects, and to the
// paths of cookies. Absolute addresses begin with Request.Base.

// prefixPattern is what a prefix looks like.
var prefixPattern = regexp.MustCompile(`^(/[A-Za-z0-9._~-]*[A-Za-z0-9_~-])+$`)

const maxPrefix = 200 // bytes

// ValidPrefix reports whether a path is a prefix that a proxy may strip: segments of
// letters, digits and "._~-", without a final slash.
func ValidPrefix(path string) bool { return len(path) <= maxPrefix && prefixPattern.MatchString(path) }

// prefixOf returns the prefix of a request, "" for none: FORCE_SCRIPT_NAME, or the
// header of a trusted proxy.
func (s Stack) prefixOf(r *http.Request, info *Request) string {
	if s.Prefix != "" || !info.Proxied {
		return s.Prefix
	}
	prefix := strings.TrimSuffix(lastValue(r.Header["X-Forwarded-Prefix"]), "/")
	if !ValidPrefix(prefix) {
		return ""
	}
	return prefix
}

// strip removes the prefix from the path of a request, for a proxy that does not.
func strip(r *http.Request, prefix string) {
	if prefix == "" || r.URL.Path != prefix && !strings.HasPrefix(r.URL.Path, prefix+"/") {
		return
	}
	url := *r.URL
	url.Path, url.RawPath = "/"+strings.TrimPrefix(url.Path[len(prefix):], "/"), ""
	if raw, found := strings.CutPrefix(r.URL.RawPath, prefix); found {
		url.RawPath = "/" + strings.TrimPrefix(raw, "/")
	}
	r.URL = &url
}

// linking matches the attributes of pages and parts that hold an address of this
// site, and the first byte after its slash. Attributes are escaped, so that input
// cannot contain one.
var linking = regexp.MustCompile(`\b(?:href|action|formaction|src|data-url|data-spec|data-root)="/[^/]`)

// Prefixed returns an HTML page with the prefix of the request in its addresses.
func Prefixed(r *http.Request, page []byte) []byte {
	prefix := RequestOf(r).Prefix
	if prefix == "" {
		return page
	}
	return linking.ReplaceAllFunc(page, func(attribute []byte) []byte {
		slash := len(attribute) - len("/x")
		return append(append(append([]byte{}, attribute[:slash]...), prefix...), attribute[slash:]...)
	})
}

// cookiePath matches the path of a cookie.
var cookiePath = regexp.MustCompile(`(?i)(; *path=)/`)

// mount adds the prefix to the headers of a response. Cookies whose name begins with
// __Host- must have the path "/" (RFC 6265bis, 4.1.3).
func mount(h http.Header, prefix string) {
	if location := h["Location"]; len(location) == 1 && isLocalPath(location[0]) && !strings.HasPrefix(location[0], prefix+"/") {
		h["Location"] = []string{prefix + location[0]}
	}
	for i, cookie := range h["Set-Cookie"] {
		if !strings.HasPrefix(cookie, "__Host-") {
			h["Set-Cookie"][i] = cookiePath.ReplaceAllString(cookie, "${1}"+prefix+"/")
		}
	}
}

// isLocalPath reports whether an address is a path of this site.
func isLocalPath(address string) bool {
	return strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//")
}
