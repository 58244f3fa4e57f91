package config

import (
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// The values of EMAIL_BACKEND.
const (
	EmailConsole = "console" // prints messages
	EmailSMTP    = "smtp"
	EmailFile    = "file" // writes each message to a file in EMAIL_FILE_PATH
)

// EmailTimeout returns the timeout per message.
func (c Config) EmailTimeout() time.Duration { return time.Duration(c.EmailTimeoutSecs) * time.Second }

// emailFaults returns an error message, or "", for each mail setting. It
// ignores settings that the selected backend does not use.
func (c Config) emailFaults() map[string]string {
	found := map[string]string{
		"EMAIL_BACKEND":      oneOf(c.EmailBackend, EmailConsole, EmailSMTP, EmailFile),
		"EMAIL_HOST":         hostNameFault(c.EmailHost, "smtp.example.com", "EMAIL_PORT"),
		"EMAIL_TEMPLATES":    directoryFault(c.EmailTemplates),
		"DEFAULT_FROM_EMAIL": senderFault(c.DefaultFromEmail),
		"SITE_URL":           siteFault(c.SiteURL),
	}
	if c.EmailUseTLS && c.EmailUseSSL {
		found["EMAIL_USE_SSL"] = "cannot be combined with EMAIL_USE_TLS=true; set the one that the server supports on EMAIL_PORT: EMAIL_USE_TLS is STARTTLS"
	}
	switch c.EmailBackend {
	case EmailSMTP:
		found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"] = c.emailLoginFaults()
		found["EMAIL_EHLO_NAME"] = helloNameFault(c.EmailEHLOName)
	case EmailFile:
		found["EMAIL_FILE_PATH"] = c.emailFileFault()
	}
	return found
}

var helloName = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?|\[[0-9.]{7,15}\]|\[IPv6:[0-9A-Fa-f:.]{2,45}\])$`)

// helloNameFault validates a name for EHLO (RFC 5321, section 4.1.3); empty is
// valid.
func helloNameFault(name string) string {
	_, err := netip.ParseAddr(name)
	switch {
	case name == "", err != nil && helloName.MatchString(name):
		return ""
	case err == nil:
		return quote(name) + " is an address; write [192.0.2.1] or [IPv6:2001:db8::1], or a name such as users.example.com"
	}
	return quote(name) + " is not a host name; write a name such as users.example.com"
}

// emailLoginFaults validates EMAIL_HOST_USER and EMAIL_HOST_PASSWORD.
func (c Config) emailLoginFaults() (user, password string) {
	if c.EmailHostUser == "" {
		return "", ""
	}
	if !c.EmailUseTLS && !c.EmailUseSSL && !isLocalHost(c.EmailHost) {
		user = "not allowed without encryption, because the password would be sent in clear text; set EMAIL_USE_TLS=true or EMAIL_USE_SSL=true"
	}
	if c.EmailHostPassword.IsEmpty() {
		password = "required with EMAIL_HOST_USER"
	}
	return user, password
}

// isLocalHost reports whether host is this machine: localhost or a loopback address.
func isLocalHost(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback()
}

// emailWarnings returns a sentence if EMAIL_PORT is by convention (RFC 8314) a
// port of another encryption.
func (c Config) emailWarnings() []string {
	switch {
	case c.EmailBackend != EmailSMTP:
	case c.EmailPort == 465 && !c.EmailUseSSL:
		return []string{"EMAIL_PORT=465 is a port for implicit TLS; set EMAIL_USE_SSL=true instead of EMAIL_USE_TLS, or EMAIL_PORT=587."}
	case (c.EmailPort == 587 || c.EmailPort == 25) && c.EmailUseSSL:
		return []string{fmt.Sprintf("EMAIL_PORT=%d is a port for STARTTLS; set EMAIL_USE_TLS=true instead of EMAIL_USE_SSL, or EMAIL_PORT=465.", c.EmailPort)}
	}
	return nil
}

func (c Config) emailFileFault() string {
	if c.EmailFilePath == "" {
		return "required with EMAIL_BACKEND=file; set the directory for the messages"
	}
	return ""
}

// maxSiteURL leaves room for the rest of a link in a mail header, in bytes.
const maxSiteURL = 200

// siteFault validates the public address; empty is valid.
func siteFault(address string) string {
	u, err := url.Parse(address)
	isAddress := err == nil && (u.Scheme == "https" || u.Scheme == "http") && hostNamePattern.MatchString(u.Hostname()) && u.User == nil &&
		u.RawQuery == "" && u.Fragment == "" && len(address) <= maxSiteURL && !strings.ContainsFunc(address, isUnfitForURL)
	if address == "" || isAddress {
		return ""
	}
	return quote(address) + " is not an address of this site; write https://users.example.com"
}

func isUnfitForURL(r rune) bool { return r <= ' ' || r >= 0x7F || strings.ContainsRune(`<>,"\`, r) }

// SiteAddress returns the public address of this site without a slash at the end:
// SITE_URL, else https and the first host name of ALLOWED_HOSTS, "" if there is
// none.
func (c Config) SiteAddress() string {
	if c.SiteURL != "" {
		return strings.TrimRight(c.SiteURL, "/")
	}
	for _, host := range c.AllowedHosts {
		if hostNamePattern.MatchString(host) && strings.Contains(host, ".") && !isLocalHost(host) {
			return "https://" + host
		}
	}
	return ""
}

func directoryFault(path string) string {
	if path == "" {
		return ""
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return quote(path) + " is not a directory that can be read"
	}
	return ""
}

func senderFault(sender string) string {
	_, err := mail.ParseAddress(sender)
	isGroup := strings.HasSuffix(strings.TrimSpace(sender), ";")
	if err != nil || isGroup || strings.ContainsFunc(sender, unicode.IsControl) {
		return quote(sender) + " is not an address; write users@example.com or Roster <users@example.com>"
	}
	return ""
}
