package deploycheck

import (
	"net"
	"slices"
	"strings"

	"roster/internal/config"
	"roster/internal/finding"
)

// brokerRules are about Redis, where BROKER_URL names one.
var brokerRules = []rule{
	{
		id: "broker.clear", severity: finding.Warning, title: "Redis is another machine, and reached without TLS",
		reason: "Its password crosses the network in the clear. Roster sends it nothing but the names of queues; other programs may send more.",
		remedy: "Use rediss:// in BROKER_URL.",
		wrong:  func(f Facts) bool { return len(farBrokers(f)) > 0 && !f.Config.Broker().TLS },
		about:  func(f Facts) string { return strings.Join(farBrokers(f), ", ") },
	},
	{
		id: "broker.no-password", severity: finding.Warning, title: "Redis is another machine, and asks for no password",
		reason: "Whoever reaches it can read and empty it, and make workers look for tasks without a pause.",
		remedy: "Set requirepass, or a user of its own, and put the password into BROKER_URL.",
		wrong:  func(f Facts) bool { return len(farBrokers(f)) > 0 && f.Config.Broker().Password.IsEmpty() },
	},
}

// farBrokers returns the addresses of Redis that are not this machine.
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
