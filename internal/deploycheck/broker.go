package deploycheck

import (
	"net"
	"slices"
	"strings"

	"roster/internal/config"
	"roster/internal/finding"
)

// brokerRules check Redis, if BROKER_URL names one.
var brokerRules = []rule{
	{
		id: "broker.clear", severity: finding.Warning, title: "Redis is remote and reached without TLS",
		reason: "The password is sent in clear text. Roster sends only queue names; other programs may send more.",
		remedy: "Use rediss:// in BROKER_URL.",
		wrong:  func(f Facts) bool { return len(farBrokers(f)) > 0 && !f.Config.Broker().TLS },
		about:  func(f Facts) string { return strings.Join(farBrokers(f), ", ") },
	},
	{
		id: "broker.no-password", severity: finding.Warning, title: "Redis is remote and requires no password",
		reason: "Anyone who can reach it can read and empty it, and make workers poll constantly.",
		remedy: "Set requirepass or create a user, and put the password into BROKER_URL.",
		wrong:  func(f Facts) bool { return len(farBrokers(f)) > 0 && f.Config.Broker().Password.IsEmpty() },
	},
}

// farBrokers returns the addresses of remote Redis servers.
func farBrokers(f Facts) []string {
	b := f.Config.Broker()
	if b.Mode == config.BrokerNone {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(b.Addresses), func(address string) bool {
		host, _, err := net.SplitHostPort(address)
		return err == nil && isHere(host)
	})
}
