// Package zone finds time zones, and the times at which their clocks show a
// reading.
package zone

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // for hosts and containers without time zones
)

// names are the zones of the IANA database in ascending order, one per line, as
// Python's zoneinfo.available_timezones returns them where the system adds none.
//
//go:embed names.txt
var names string

// Names returns the zones that a Django form offers, in ascending order. Names
// that depend on the machine, such as localtime or posix/Europe/Berlin, are not
// among them.
func Names() []string { return strings.Fields(names) }

// Load returns the zone of that name, one of Names. The error names the zone
// and, if a known one has a similar name, suggests that.
func Load(name string) (*time.Location, error) {
	all := Names()
	if _, known := slices.BinarySearch(all, name); !known {
		if similar := suggest(all, name); similar != "" {
			return nil, fmt.Errorf("%q is not a known time zone; did you mean %s?", name, similar)
		}
		return nil, fmt.Errorf("%q is not a known time zone; use an IANA name such as UTC or Europe/Berlin", name)
	}
	found, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("the time zone %q cannot be loaded: %w", name, err)
	}
	return found, nil
}

// suggest returns the zone that has the name in another case, with spaces, or
// as its city, "" for none.
func suggest(all []string, name string) string {
	wanted := plain(strings.TrimPrefix(strings.TrimPrefix(name, "posix/"), "right/"))
	if wanted == "" {
		return ""
	}
	city := ""
	for _, known := range all {
		is := plain(known)
		if is == wanted {
			return known
		}
		if city == "" && strings.HasSuffix(is, "/"+wanted) {
			city = known
		}
	}
	return city
}

func plain(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "_")
}
