package mail

import (
	"context"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"
)

// nameLimit is the maximum time to look up this machine's full name.
const nameLimit = 5 * time.Second

// helloName returns the name for EHLO: the configured one, else this machine's
// full name, else the address of the connection as a literal (RFC 5321, sections
// 2.3.5 and 4.1.3). Many servers reject a name without a domain.
func (s *SMTP) helloName(ctx context.Context, c net.Conn) string {
	if s.options.HelloName != "" {
		return s.options.HelloName
	}
	if name := s.lookUpName(ctx); name != "" {
		return name
	}
	return addressLiteral(c.LocalAddr())
}

// lookUpName returns fullName, which it looks up once.
func (s *SMTP) lookUpName(ctx context.Context) string {
	s.naming.Lock()
	defer s.naming.Unlock()
	if !s.named {
		limited, cancel := context.WithTimeout(ctx, nameLimit)
		defer cancel()
		s.name = fullName(limited, os.Hostname, net.DefaultResolver)
		s.named = ctx.Err() == nil
	}
	return s.name
}

// resolver looks up names; *net.Resolver does.
type resolver interface {
	LookupCNAME(ctx context.Context, host string) (string, error)
	LookupHost(ctx context.Context, host string) ([]string, error)
	LookupAddr(ctx context.Context, address string) ([]string, error)
}

// fullName returns the host name if it has a domain, else the first name with a
// domain that it resolves to, directly or by way of its addresses, like Python's
// socket.getfqdn; "" if there is none.
func fullName(ctx context.Context, hostname func() (string, error), r resolver) string {
	name, err := hostname()
	if err != nil || isFullName(name) {
		return trimDot(name)
	}
	if full, err := r.LookupCNAME(ctx, name); err == nil && isFullName(full) {
		return trimDot(full)
	}
	addresses, _ := r.LookupHost(ctx, name) // none: there is no full name
	for _, address := range addresses {
		names, _ := r.LookupAddr(ctx, address)
		if i := slices.IndexFunc(names, isFullName); i >= 0 {
			return trimDot(names[i])
		}
	}
	return ""
}

func trimDot(name string) string { return strings.TrimSuffix(name, ".") }

// isFullName reports whether name has a domain that others may know.
func isFullName(name string) bool {
	name = trimDot(name)
	last := name[strings.LastIndexByte(name, '.')+1:]
	return strings.Contains(name, ".") && isDotAtom(name) && last != "localdomain" && last != "localhost"
}

// addressLiteral returns "[192.0.2.1]" or "[IPv6:2001:db8::1]".
func addressLiteral(address net.Addr) string {
	at, err := netip.ParseAddrPort(address.String())
	if err != nil {
		return "[127.0.0.1]"
	}
	ip := at.Addr().Unmap().WithZone("")
	if ip.Is4() {
		return "[" + ip.String() + "]"
	}
	return "[IPv6:" + ip.String() + "]"
}
