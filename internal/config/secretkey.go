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

// EnsureSecretKey gives c a key when SECRET_KEY is not set: the one kept in
// the file <DB_NAME>.secret, which is made, readable by its owner alone, when
// it is missing. The key is base64 of 32 random bytes. Any number of processes
// may call it at once; all get the same key.
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
			"SECRET_KEY: not set, and no key can be kept in %s; set SECRET_KEY", quote(path)), err)
	}
	c.SecretKey = secret.New(key)
	return nil
}

// readKey returns the key in the file and takes the file from everybody else's
// sight.
func readKey(path string) (string, error) {
	text, err := readLimited(path, 4096)
	if err != nil {
		return "", err
	}
	key := strings.TrimSpace(string(text))
	if len(key) < minSecretKey {
		return "", errors.New("the file holds no key; remove it to have one made")
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

// makeKey writes a new key to a file of its own and links that to path, so
// that path never holds half a key. Whoever comes second reads the first one's.
func makeKey(path string) (string, error) {
	temp, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // mode 0600
	if err != nil {
		return "", err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // a leftover would be harmless
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

// OlderKeys returns SECRET_KEY_FALLBACKS, for the code that recognises what an
// older SECRET_KEY has signed.
func (c *Config) OlderKeys() []string {
	keys := make([]string, len(c.SecretKeyFallbacks))
	for i, key := range c.SecretKeyFallbacks {
		keys[i] = key.Reveal()
	}
	return keys
}
