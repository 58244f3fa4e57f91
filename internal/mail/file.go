package mail

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// Files writes each message to its own file, in a directory that it creates.
// The names, "20261123T101530-….eml", consist of time and random characters,
// and contain nothing of the message. It is safe for concurrent use.
type Files struct {
	composer Composer
	dir      string
}

// NewFiles returns a backend that writes below dir.
func NewFiles(dir string, c Composer) *Files { return &Files{composer: c, dir: dir} }

// String names the directory.
func (f *Files) String() string { return "a file in " + f.dir }

// Send writes the message, readable only by its owner (mode 0600). Its error is
// Refused for an invalid message, Deferred if writing fails.
func (f *Files) Send(_ context.Context, m Message) error {
	composed, err := f.composer.compose(m)
	if err != nil {
		return err
	}
	if err := f.write(composed.text); err != nil {
		return &SendError{State: Deferred, Origin: OfServer, Message: "the message cannot be written", Cause: err}
	}
	return nil
}

// write creates a new file, and never touches existing files or links.
func (f *Files) write(text []byte) error {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	name := f.composer.now().UTC().Format("20060102T150405") + "-" + strings.ToLower(rand.Text()[:16]) + ".eml"
	file, err := os.OpenFile(filepath.Join(f.dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}

// Close does nothing: no file stays open.
func (f *Files) Close() error { return nil }
