package config

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"roster/internal/fault"
	"roster/internal/secret"
)

// EnsureSecretKey generates a key if SECRET_KEY is not set. It reads the key
// from the file <DB_NAME>.secret, and creates that file, readable only by its
// owner, if it is missing. The key is base64 of 32 random bytes. Concurrent
// calls by any number of processes return the same key.
func (c *Config) EnsureSecretKey() error {
	if !c.SecretKey.IsEmpty() {
		return nil
	}
	path := c.DBName + ".secret"
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = makeKey(path)
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, fmt.Sprintf(
			"SECRET_KEY: not set, and a generated key cannot be stored in %s; set SECRET_KEY", quote(path)), err)
	}
	c.SecretKey = secret.New(key)
	return nil
}

// readKey returns the key in the file and makes the file private to its owner.
func readKey(path string) (string, error) {
	text, err := readLimited(path, 4096)
	if err != nil {
		return "", err
	}
	key := strings.TrimSpace(string(text))
	if len(key) < minSecretKey {
		return "", errors.New("the file contains no key; delete it to generate one")
	}
	return key, hide(path)
}

func hide(path string) error {
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = os.Chmod(path, 0o600)
	}
	return err
}

// makeKey writes a new key to a temporary file and links that to path, so that
// path never holds a partial key. If another process was first, it returns that
// key.
func makeKey(path string) (string, error) {
	temp, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // mode 0600
	if err != nil {
		return "", err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // a leftover is harmless
	err = writeKey(temp)
	if err == nil {
		err = os.Link(temp.Name(), path)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return readKey(path)
}

func writeKey(f *os.File) error {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // documented never to fail
	_, err := f.WriteString(base64.StdEncoding.EncodeToString(random) + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}

// OlderKeys returns SECRET_KEY_FALLBACKS, which verify signatures of an older
// SECRET_KEY.
func (c *Config) OlderKeys() []string {
	keys := make([]string, len(c.SecretKeyFallbacks))
	for i, key := range c.SecretKeyFallbacks {
		keys[i] = key.Reveal()
	}
	return keys
}
