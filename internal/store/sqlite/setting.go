package sqlite

import "fmt"

// setting is a PRAGMA and the value expected when it is read back. See
// https://www.sqlite.org/pragma.html.
type setting struct{ name, value string }

// common are the settings of every connection. They apply per connection, and
// the drivers' defaults differ.
var common = []setting{
	{"busy_timeout", "5000"}, // milliseconds; first, because the next one may have to wait
	{"journal_mode", "wal"},
	{"synchronous", "2"}, // FULL: with less, a power loss can lose acknowledged commits
	{"foreign_keys", "1"},
	{"trusted_schema", "0"},
	{"temp_store", "2"}, // memory: no temporary files
	{"journal_size_limit", "16777216"},
	{"cache_size", "-2048"}, // KiB per connection
	{"mmap_size", "0"},      // mapped pages count as process memory, for each connection
}

// reading are the settings of a read-only connection.
var reading = append(common[:len(common):len(common)], setting{"query_only", "1"})

// writing are the settings of the writer, which checkpoints after it has
// answered, not within COMMIT.
var writing = append(common[:len(common):len(common)], setting{"wal_autocheckpoint", "0"})

// configure applies the settings and reads them back: SQLite ignores a PRAGMA
// that it does not know or support.
func (c *conn) configure(settings []setting) error {
	for _, s := range settings {
		// The busy timeout does not apply to changes of the journal mode.
		if err := untilFree(patience, nil, func() error { return c.set(s) }); err != nil {
			return err
		}
	}
	return nil
}

// set applies a setting unless it is already in effect, and reads it back.
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
		return fmt.Errorf("SQLite has %s=%s, want %s", s.name, got, s.value)
	}
	return nil
}
