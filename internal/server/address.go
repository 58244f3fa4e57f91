package server

import "net"

// urlOf returns the base URL of a listener, or "unix:" and the path of its socket.
func urlOf(address net.Addr) string {
	if address.Network() == "unix" {
		return "unix:" + address.String()
	}
	return "http://" + address.String() + "/"
}

// pagesURL returns a base URL of the pages that ALLOWED_HOSTS accepts: that of the
// listener, on this machine by another name, or the address of the site. It is ""
// if none is known.
func (f *front) pagesURL(listener net.Addr) string {
	host, port, err := net.SplitHostPort(listener.String())
	if err != nil || f.hosts().Allow(listener.String()) {
		return urlOf(listener)
	}
	ip := net.ParseIP(host)
	switch site := f.Config.SiteAddress(); {
	case (ip.IsLoopback() || ip.IsUnspecified()) && f.hosts().Allow("localhost"):
		return "http://localhost:" + port + "/"
	case ip.IsUnspecified() && f.hosts().Allow("127.0.0.1"):
		return "http://127.0.0.1:" + port + "/"
	case site != "":
		return site + "/"
	}
	return ""
}
