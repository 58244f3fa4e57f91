// Package backup reads and writes backup files: a header readable by everyone,
// and compressed, checksummed and optionally encrypted content. It is
// independent of databases. docs/adr/0017-backups.md describes the format.
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
	maxWindow  = 8 << 20 // bytes; window of the decompression
	workFactor = 15      // of scrypt: 32 MiB and 0.1 s, enough for random keys
)

// encryption names the encryption scheme in the header.
const encryption = "age-scrypt"

// Header describes a file. It is not encrypted, but changes to it are detected.
type Header struct {
	Engine     string    `json:"engine"` // sqlite or mysql
	Schema     int64     `json:"schema"` // number of the newest migration
	Version    string    `json:"version"`
	Created    time.Time `json:"created"`
	Encryption string    `json:"encryption,omitempty"` // empty: none
}

// Encrypted reports whether a key is needed.
func (h Header) Encrypted() bool { return h.Encryption != "" }

// Sealed returns the header for content encrypted with the key; an empty key
// means no encryption.
func (h Header) Sealed(key Key) Header {
	h.Encryption = ""
	if !key.IsEmpty() {
		h.Encryption = encryption
	}
	return h
}

// Summary ends a file and proves that it is complete.
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

// The reasons why a file cannot be restored. Errors wrap one of them or a
// system error.
var (
	ErrDamaged   = errors.New("the file is damaged or cut short")
	ErrNotBackup = errors.New("the file is not a backup of Roster")
	ErrNewer     = errors.New("the file was written by a newer version of Roster")
	ErrNoKey     = errors.New("the file is encrypted and no key is given; set BACKUP_KEY or --key-file")
	ErrWrongKey  = errors.New("the file is encrypted with another key")
)

// MinKey is the minimum length of a key, in characters.
const MinKey = 20

// damaged returns an ErrDamaged with a description.
func damaged(what string, cause error) error {
	if cause == nil {
		return fmt.Errorf("%w: %s", ErrDamaged, what)
	}
	return fmt.Errorf("%w: %s: %w", ErrDamaged, what, cause)
}

// head returns the first lines of a file.
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

// checksum computes the SHA-256 of head and content.
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

// Key encrypts the content. The zero value means no encryption.
type Key = secret.Text
