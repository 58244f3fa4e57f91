// Package backup is the file of a backup: a header that anybody can read, and
// the content, compressed, checksummed and by option encrypted. It knows nothing
// of databases. docs/adr/0017-backups.md has the format.
package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"time"

	"roster/internal/secret"
)

const (
	// Format is the newest version of the format; it is what New writes.
	Format = 1

	magic = "roster-backup "

	maxHeader  = 64 << 10 // bytes, of the header and of the summary
	chunkSize  = 64 << 10
	maxChunk   = 1 << 20
	maxWindow  = 8 << 20 // bytes that the decompression remembers
	workFactor = 15      // of scrypt: 32 MiB and a tenth of a second, for keys that are random
)

// encryption is how the content is encrypted, as the header says.
const encryption = "age-scrypt"

// Header says what is in a file. It is not encrypted, but no change of it goes
// unnoticed.
type Header struct {
	Engine     string    `json:"engine"` // sqlite or mysql
	Schema     int64     `json:"schema"` // the newest migration
	Version    string    `json:"version"`
	Created    time.Time `json:"created"`
	Encryption string    `json:"encryption,omitempty"` // empty: none
}

// Encrypted reports whether a key is needed.
func (h Header) Encrypted() bool { return h.Encryption != "" }

// Sealed returns the header of content that is encrypted with the key; the empty
// one encrypts nothing.
func (h Header) Sealed(key Key) Header {
	h.Encryption = ""
	if !key.IsEmpty() {
		h.Encryption = encryption
	}
	return h
}

// Summary is the end of a file, by which it is known to be whole.
type Summary struct {
	Bytes  int64            `json:"bytes"` // of the content
	Digest string           `json:"sha256"`
	Rows   map[string]int64 `json:"rows"` // by table
}

// TotalRows returns the rows of all tables.
func (s Summary) TotalRows() (n int64) {
	for _, rows := range s.Rows {
		n += rows
	}
	return n
}

// The reasons why a file is not one to restore from. Errors wrap one of them,
// or one of the system.
var (
	ErrDamaged   = errors.New("the file is damaged or cut short")
	ErrNotBackup = errors.New("the file is not a backup of Roster")
	ErrNewer     = errors.New("the file was written by a newer version of Roster")
	ErrNoKey     = errors.New("the file is encrypted and no key is given; set BACKUP_KEY or --key-file")
	ErrWrongKey  = errors.New("the file is encrypted with another key")
)

// MinKey is the least length of a key, in characters.
const MinKey = 20

// damaged says what is wrong with a file.
func damaged(what string, cause error) error {
	if cause == nil {
		return fmt.Errorf("%w: %s", ErrDamaged, what)
	}
	return fmt.Errorf("%w: %s: %w", ErrDamaged, what, cause)
}

// head returns the lines that begin a file.
func (h Header) head() ([]byte, error) {
	text, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	if len(text) > maxHeader {
		return nil, errors.New("the header is too long")
	}
	return append(fmt.Appendf(nil, "%s%d\n", magic, Format), append(text, '\n')...), nil
}

// checksum is the SHA-256 of the head and of the content.
type checksum struct {
	hash.Hash

	bytes int64
}

func newChecksum(head []byte) *checksum {
	c := &checksum{Hash: sha256.New()}
	_, _ = c.Write(head) // documented never to fail
	return c
}

func (c *checksum) add(p []byte) {
	_, _ = c.Write(p) // documented never to fail
	c.bytes += int64(len(p))
}

func (c *checksum) digest() string { return hex.EncodeToString(c.Sum(nil)) }

// Key is what content is encrypted with. The zero value is none.
type Key = secret.Text
