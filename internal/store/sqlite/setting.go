package sqlite

import "fmt"

// setting is a PRAGMA and the value that it must have when it is read back.
// See https://www.sqlite.org/pragma.html.
type setting struct{ name, value string }

// common are the settings of every connection. They hold for one connection
// only, and the drivers' own defaults differ.
var common = []setting{
	{"busy_timeout", "5000"}, // milliseconds; first, as the next one may have to wait
	{"journal_mode", "wal"},
	{"synchronous", "2"}, // FULL: with less, a power loss takes acknowledged commits away
	{"foreign_keys", "1"},
	{"trusted_schema", "0"},
	{"temp_store", "2"}, // memory: no temporary files
	{"journal_size_limit", "16777216"},
	{"cache_size", "-2048"}, // KiB for each connection
	{"mmap_size", "0"},      // mapped pages count as memory of the process, of each connection again
}

// reading are the settings of a connection that must not write.
var reading = append(common[:len(common):len(common)], setting{"query_only", "1"})

// writing are the settings of the writer, which checkpoints after it has
// answered, not within COMMIT.
var writing = append(common[:len(common):len(common)], setting{"wal_autocheckpoint", "0"})

// configure makes the settings and reads them back: SQLite ignores a PRAGMA
// that it does not know or cannot honour.
func (c *conn) configure(settings []setting) error {
	for _, s := range settings {
		// The busy timeout does not help who changes the journal mode.
		if err := untilFree(patience, nil, func() error { return c.set(s) }); err != nil {
			return err
		}
	}
	return nil
}

// set makes a setting unless it is made already, and reads it back.
func (c *conn) set(s setting) error {
	got, err := c.text("PRAGMA " + s.name)
	if err == nil && got != s.value {
		_, err = c.text("PRAGMA " + s.name + "=" + s.value)
		if err == nil {
			got, err = c.text("PRAGMA " + s.name)
		}
	}
	if err != nil {
		return fmt.Errorf("PRAGMA %s: %w", s.name, err)
	}
	if got != s.value {
		return fmt.Errorf("SQLite keeps %s=%s where %s is needed", s.name, got, s.value)
	}
	return nil
}
