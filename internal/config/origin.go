package config

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// originFault returns why no browser sends this origin, "" for one that may.
func originFault(origin string) string {
	const form = " is not an origin; write scheme://host or scheme://host:port without a path, such as https://app.example.com"
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Scheme+"://"+u.Host != origin {
		return quote(origin) + form
	}
	host := u.Hostname()
	switch {
	case strings.Contains(host, "*"):
		return quote(origin) + " matches no origin: patterns are not supported; list every origin, or set CORS_ALLOW_ALL_ORIGINS"
	case strings.ContainsFunc(host, func(r rune) bool { return r > '~' }):
		return quote(origin) + " matches no origin: browsers send international names in their ASCII form, xn--…"
	case !isHost(host, strings.HasPrefix(u.Host, "[")) || !isPort(u):
		return quote(origin) + form
	}
	return ""
}

// hostName matches a name as browsers send it.
var hostName = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?$`)

// isHost reports whether a host is a name, or an address in the form in which
// browsers send it.
func isHost(host string, bracketed bool) bool {
	if at, err := netip.ParseAddr(host); err == nil {
		return at.Is6() == bracketed && at.Zone() == "" && at.String() == host
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.Atoi(last) // 127.1 is an address to browsers
	return !bracketed && hostName.MatchString(host) && err != nil
}

// isPort reports whether an origin has no port, or one in the form in which
// browsers send it.
func isPort(u *url.URL) bool {
	port := u.Port()
	if port == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.Atoi(port)
	return err == nil && n >= 1 && n <= 65535 && strconv.Itoa(n) == port
}
