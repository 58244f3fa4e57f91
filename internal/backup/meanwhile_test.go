package backup_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"roster/internal/backup"
)

// unfinished returns the path of the file that is being written.
func unfinished(folder string) (string, error) {
	parts, err := filepath.Glob(filepath.Join(folder, ".*.part"))
	if err != nil || len(parts) != 1 {
		return "", errors.Join(err, errors.New("no file is being written"))
	}
	return parts[0], nil
}

// What others do to the folder while a backup is written is an error of the
// backup, which then leaves nothing of its own and replaces nothing of theirs.
func TestCreate_FolderChangesMeanwhile(t *testing.T) {
	t.Parallel()
	const exists = "is there already; --force overwrites it"
	foreign := func(path string) error { return os.WriteFile(path, []byte("another's"), 0o600) }
	removePart := func(path string) error {
		part, err := unfinished(filepath.Dir(path))
		return errors.Join(err, os.Remove(part))
	}
	for name, c := range map[string]struct {
		meanwhile func(path string) error
		force     bool
		kind      error  // nil means any
		want      string // in the message
		left      []string
	}{
		"a file takes the name": {foreign, false, nil, exists, []string{"a.backup"}},
		"a folder takes the name, with force": {
			func(path string) error { return os.MkdirAll(filepath.Join(path, "in"), 0o700) },
			true, fs.ErrExist, "file exists", []string{"a.backup"},
		},
		"the folder goes":                         {func(path string) error { return os.RemoveAll(filepath.Dir(path)) }, false, fs.ErrNotExist, "", nil},
		"the folder goes, with force":             {func(path string) error { return os.RemoveAll(filepath.Dir(path)) }, true, fs.ErrNotExist, "", nil},
		"the unfinished file goes":                {removePart, false, fs.ErrNotExist, "", nil},
		"the unfinished file goes, with force":    {removePart, true, fs.ErrNotExist, "", nil},
		"it goes, and another one takes the name": {func(path string) error { return errors.Join(removePart(path), foreign(path)) }, false, nil, exists, []string{"a.backup"}},
	} {
		folder := filepath.Join(t.TempDir(), "backups")
		path := filepath.Join(folder, "a.backup")
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := backup.Create(path, header, backup.Key{}, c.force, func(io.Writer) (map[string]int64, error) { return rows, c.meanwhile(path) })
		if err == nil || c.kind != nil && !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %v %q", name, err, c.kind, c.want)
		}
		entries, _ := os.ReadDir(folder)
		var left []string
		for _, entry := range entries {
			left = append(left, entry.Name())
		}
		if !slices.Equal(left, c.left) {
			t.Errorf("%s: left %v, want %v", name, left, c.left)
		}
		if text, err := os.ReadFile(path); err == nil && string(text) != "another's" {
			t.Errorf("%s: the file of another now holds %q", name, text)
		}
	}
}

// A scheduled backup whose folder or file goes while it is written fails.
func TestCreateIn_FolderChangesMeanwhile(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(folder string) error{
		"the folder goes": os.RemoveAll,
		"the unfinished file goes": func(folder string) error {
			part, err := unfinished(folder)
			return errors.Join(err, os.Remove(part))
		},
	} {
		folder := filepath.Join(t.TempDir(), "backups")
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		path, _, err := backup.CreateIn(folder, header, backup.Key{}, func(io.Writer) (map[string]int64, error) { return rows, meanwhile(folder) })
		if !errors.Is(err, fs.ErrNotExist) || path != filepath.Join(folder, backup.Name(header.Created)) {
			t.Errorf("%s: got %s, %v", name, path, err)
		}
	}
}

// Whether a file is encrypted depends on the key alone.
func TestHeader_Sealed(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"", "age-scrypt", "another"} {
		h := header
		h.Encryption = before
		for text, want := range map[string]string{"": "", "a key of 20 characters": "age-scrypt"} {
			sealed := h.Sealed(key(text))
			if sealed.Encryption != want || sealed.Encrypted() != (want != "") || sealed.Engine != h.Engine {
				t.Errorf("from %q with the key %q: got %+v", before, text, sealed)
			}
		}
	}
}

// A header that is cut short cannot be read, and one without its content can.
func TestReadHeader_Cut(t *testing.T) {
	t.Parallel()
	file := pack(t, []byte("some content"), backup.Key{})
	end := len("roster-backup 1\n") + bytes.IndexByte(file[len("roster-backup 1\n"):], '\n') + 1
	for n := range end + 2 {
		h, err := backup.ReadHeader(bytes.NewReader(file[:n]))
		if want := n >= end; want != (err == nil) || want && h.Engine != header.Engine {
			t.Errorf("%d of %d bytes: got %+v, %v", n, end, h, err)
		}
	}
}

// A file with anything behind its end is damaged, wherever that was added.
func TestReader_Trailing(t *testing.T) {
	t.Parallel()
	file := pack(t, []byte("some content"), backup.Key{})
	first := bytes.IndexByte(file, '\n') + 1
	head := file[:first+bytes.IndexByte(file[first:], '\n')+1]
	zip := func(content []byte, options ...zstd.EOption) []byte {
		w, err := zstd.NewWriter(nil, options...)
		if err != nil {
			t.Fatal(err)
		}
		return w.EncodeAll(content, nil)
	}
	r, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := r.DecodeAll(file[len(head):], nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		behind []byte // of the compressed content
		sound  bool
	}{
		"nothing":                     {zip(content), true},
		"a byte":                      {append(zip(content), 0), false},
		"a byte that is zipped":       {zip(append(bytes.Clone(content), 0)), false},
		"the same without a checksum": {zip(append(bytes.Clone(content), 0), zstd.WithEncoderCRC(false)), false},
		"no checksum":                 {zip(content, zstd.WithEncoderCRC(false)), true},
		"another frame":               {append(zip(content), zip([]byte("x"))...), false},
		"the content again":           {append(zip(content), zip(content)...), false},
		"the file again":              {append(zip(content), file...), false},
	} {
		_, s, err := unpack(append(bytes.Clone(head), c.behind...), backup.Key{})
		if c.sound != (err == nil) || c.sound != (s.Digest != "") || !c.sound && !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("%s: got %+v, %v", name, s, err)
		}
	}
}

// A file cannot ask for a larger window than 8 MiB, which would take memory before
// anything is known to be right.
func TestReader_Windows(t *testing.T) {
	t.Parallel()
	file := pack(t, []byte("some content"), backup.Key{})
	first := bytes.IndexByte(file, '\n') + 1
	descriptor := first + bytes.IndexByte(file[first:], '\n') + 1 + 5 // behind the magic number and the flags (RFC 8878, section 3.1.1.1.2)
	for _, c := range []struct {
		exponent, mantissa byte // a window of 2^(10+exponent) and mantissa eighths of that
		sound              bool
	}{{10, 0, true}, {12, 7, true}, {13, 0, true}, {13, 1, false}, {14, 0, false}, {31, 7, false}} {
		changed := bytes.Clone(file)
		changed[descriptor] = c.exponent<<3 | c.mantissa
		_, _, err := unpack(changed, backup.Key{})
		if c.sound != (err == nil) || !c.sound && !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}

// No file stays open, whether it could be read or written or not.
func TestFiles_AreClosed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	good, bad := filepath.Join(folder, backup.Name(header.Created)), filepath.Join(folder, "bad.backup")
	failed := errors.New("the database is away")
	fail := func(io.Writer) (map[string]int64, error) { return nil, failed }
	for name, call := range map[string]func() error{
		"create":           func() error { return write(good, false, "x") },
		"create again":     func() error { return write(good, false, "x") },
		"create, failing":  func() error { _, err := backup.Create(bad, header, backup.Key{}, false, fail); return err },
		"create in":        func() error { _, _, err := backup.CreateIn(folder, header, backup.Key{}, fail); return err },
		"verify":           func() error { return verify(good) },
		"verify, damaged":  func() error { return errors.Join(os.WriteFile(bad, []byte("x"), 0o600), verify(bad)) },
		"prune":            func() error { _, err := backup.Prune(folder, 1, header.Created); return err },
		"prune, no folder": func() error { _, err := backup.Prune(filepath.Join(folder, "none"), 1, header.Created); return err },
	} {
		err := call()
		if open := openIn(t, folder); len(open) > 0 {
			t.Errorf("%s, which returned %v: %v are open", name, err, open)
		}
	}
}

func verify(path string) error {
	_, _, err := backup.Verify(path, backup.Key{})
	return err
}

// openIn returns the open files in a folder, on Linux.
func openIn(t *testing.T, folder string) (open []string) {
	t.Helper()
	const all = "/proc/self/fd"
	entries, err := os.ReadDir(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if path, err := os.Readlink(filepath.Join(all, entry.Name())); err == nil && strings.HasPrefix(path, folder) {
			open = append(open, path)
		}
	}
	return open
}
