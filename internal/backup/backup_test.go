package backup_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"roster/internal/backup"
	"roster/internal/secret"
)

var (
	header = backup.Header{Engine: "sqlite", Schema: 10, Version: "1.0", Created: time.Date(2026, 11, 27, 6, 30, 0, 0, time.UTC)}
	rows   = map[string]int64{"t_users": 3, "auth_user": 1}
)

func key(text string) backup.Key { return secret.New(text) }

// pack returns a backup of that content.
func pack(tb testing.TB, content []byte, k backup.Key) []byte {
	tb.Helper()
	var out bytes.Buffer
	w, err := backup.NewWriter(&out, header, k)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := io.Copy(w, iotest.HalfReader(bytes.NewReader(content))); err != nil {
		tb.Fatal(err)
	}
	s, err := w.Close(rows)
	if err != nil || s.Bytes != int64(len(content)) || s.TotalRows() != 4 {
		tb.Fatalf("got %+v, %v", s, err)
	}
	return out.Bytes()
}

// unpack reads a backup to its end.
func unpack(file []byte, k backup.Key) (content []byte, s backup.Summary, err error) {
	r, err := backup.NewReader(bytes.NewReader(file), k)
	if err != nil {
		return nil, s, err
	}
	defer r.Close()
	content, err = io.ReadAll(r)
	return content, r.Summary(), err
}

// large is content of several chunks that does not compress to nothing.
func large() []byte {
	content := make([]byte, 300_000)
	for i := range content {
		content[i] = byte(i*i>>8 ^ i)
	}
	return content
}

func TestReader_GivesBackTheContent(t *testing.T) {
	t.Parallel()
	for _, content := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("y"), 64<<10), large()} {
		for _, k := range []backup.Key{{}, key("a key of 20 characters")} {
			file := pack(t, content, k)
			got, s, err := unpack(file, k)
			if err != nil || !bytes.Equal(got, content) || !maps.Equal(s.Rows, rows) {
				t.Errorf("%d bytes: got %d, %+v, %v", len(content), len(got), s, err)
			}
			h, err := backup.ReadHeader(bytes.NewReader(file))
			if want := header; err != nil || h.Encrypted() == k.IsEmpty() || h.Engine != want.Engine || h.Schema != want.Schema || !h.Created.Equal(want.Created) {
				t.Errorf("got %+v, %v", h, err)
			}
		}
	}
}

// Encrypted content is nowhere in the file.
func TestWriter_Encrypts(t *testing.T) {
	t.Parallel()
	content := []byte("ann@example.com")
	if file := pack(t, content, key("a key of 20 characters")); bytes.Contains(file, content) {
		t.Error("the content is in the file")
	}
}

// Every byte that is altered is found, unless it says nothing of the content, and
// so is every end that comes too early.
func TestReader_Damage(t *testing.T) {
	t.Parallel()
	for _, k := range []backup.Key{{}, key("a key of 20 characters")} {
		file, step := pack(t, []byte("some content"), k), 1
		if !k.IsEmpty() {
			step = len(file) / 8 // each takes the time of making a key
		}
		for i := 0; i < len(file); i += step {
			altered := bytes.Clone(file)
			altered[i] ^= 1
			if got, _, err := unpack(altered, k); err == nil && string(got) != "some content" {
				t.Errorf("encrypted %v: byte %d may be altered", !k.IsEmpty(), i)
			}
			if _, s, err := unpack(file[:i], k); err == nil || s.Bytes != 0 {
				t.Errorf("encrypted %v: %d of %d bytes are whole", !k.IsEmpty(), i, len(file))
			}
		}
		if _, _, err := unpack(append(bytes.Clone(file), 0), k); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("got %v for a file that goes on", err)
		}
	}
}

func TestReader_Refusals(t *testing.T) {
	t.Parallel()
	sealed := pack(t, []byte("x"), key("a key of 20 characters"))
	plain := pack(t, []byte("x"), backup.Key{})
	newer := append([]byte("roster-backup 2\n"), plain[len("roster-backup 1\n"):]...)
	for _, c := range []struct {
		file []byte
		k    backup.Key
		want error
	}{
		{sealed, backup.Key{}, backup.ErrNoKey},
		{sealed, key("another key of 20 characters"), backup.ErrWrongKey},
		{newer, backup.Key{}, backup.ErrNewer},
		{bytes.Replace(sealed, []byte("age-scrypt"), []byte("age-x25519"), 1), key("k"), backup.ErrNewer},
		{nil, backup.Key{}, backup.ErrNotBackup},
		{[]byte("roster-backup x\n{}\n"), backup.Key{}, backup.ErrNotBackup},
		{[]byte("SQLite format 3\x00 and so on"), backup.Key{}, backup.ErrNotBackup},
		{[]byte("roster-backup 1\n{}"), backup.Key{}, backup.ErrDamaged},
		{[]byte("roster-backup 1\nhello\n"), backup.Key{}, backup.ErrDamaged},
		{[]byte("roster-backup 1\n" + strings.Repeat("x", 70_000) + "\n"), backup.Key{}, backup.ErrDamaged},
		{[]byte("roster-backup 1\n{}\nno compression"), backup.Key{}, backup.ErrDamaged},
	} {
		if _, _, err := unpack(c.file, c.k); !errors.Is(err, c.want) {
			t.Errorf("%.40q: got %v, want %v", c.file, err, c.want)
		}
	}
	away := errors.New("the disk is away")
	if _, err := backup.NewReader(iotest.ErrReader(away), backup.Key{}); !errors.Is(err, away) {
		t.Errorf("got %v, want %v", err, away)
	}
}

// FuzzReader: whatever a file has, it is refused or gives back what a writer of
// its content writes, and no more memory is taken than it is worth.
func FuzzReader(f *testing.F) {
	f.Add(pack(f, nil, backup.Key{}))
	f.Add(pack(f, []byte("some content"), backup.Key{}))
	f.Add([]byte("roster-backup 1\n{}\n"))
	f.Add([]byte("roster-backup 1\n{\"encryption\":\"age-scrypt\"}\nage-encryption.org/v1\n-> scrypt AAAA 30\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		content, s, err := unpack(file, backup.Key{})
		if err != nil {
			if s.Digest != "" {
				t.Errorf("a summary of a file that was refused: %+v", s)
			}
			return
		}
		if s.Bytes != int64(len(content)) || len(s.Digest) != 64 {
			t.Errorf("got %+v for %d bytes", s, len(content))
		}
	})
}

// write is Create with a content.
func write(path string, force bool, content string) error {
	_, err := backup.Create(path, header, backup.Key{}, force, func(out io.Writer) (map[string]int64, error) {
		_, err := io.WriteString(out, content)
		return rows, err
	})
	return err
}

func TestCreate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.backup")
	if err := write(path, false, "one"); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want a file of its owner's", info.Mode(), err)
	}
	if err := write(path, false, "two"); err == nil || !strings.Contains(err.Error(), "--force overwrites it") {
		t.Errorf("got %v", err)
	}
	if err := write(path, true, "three"); err != nil {
		t.Fatal(err)
	}
	if h, s, err := backup.Verify(path, backup.Key{}); err != nil || h.Engine != "sqlite" || s.Bytes != 5 {
		t.Errorf("got %+v, %+v, %v", h, s, err)
	}
	failed := errors.New("the database is away")
	if _, err := backup.Create(path, header, backup.Key{}, true, func(io.Writer) (map[string]int64, error) { return nil, failed }); !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	came := filepath.Join(filepath.Dir(path), "b.backup")
	_, err := backup.Create(came, header, backup.Key{}, false, func(io.Writer) (map[string]int64, error) {
		return rows, os.WriteFile(came, []byte("another's"), 0o600)
	})
	if text, _ := os.ReadFile(came); err == nil || string(text) != "another's" {
		t.Errorf("got %v, %q, want another's file left alone", err, text)
	}
	if _, s, err := backup.Verify(path, backup.Key{}); err != nil || s.Bytes != 5 {
		t.Errorf("got %+v, %v, want the backup that was there", s, err)
	}
	if names := list(t, filepath.Dir(path)); !slices.Equal(names, []string{"a.backup", "b.backup"}) {
		t.Errorf("got %v, want nothing left behind", names)
	}
	for _, bad := range []string{filepath.Join(path, "below"), filepath.Join(t.TempDir(), "none", "x")} {
		if err := write(bad, true, "x"); err == nil || !strings.Contains(err.Error(), "cannot write "+bad) {
			t.Errorf("%s: got %v", bad, err)
		}
	}
	if err := write(t.TempDir(), true, "x"); err == nil || !strings.Contains(err.Error(), "is a folder; name a file in it") {
		t.Errorf("got %v", err)
	}
}

// Scheduled backups of one second, by several workers at once, are files of
// their own; none fails, and none replaces another.
func TestCreateIn_ManyInOneSecond(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, backup.Name(header.Created)), []byte("another's"), 0o600); err != nil {
		t.Fatal(err)
	}
	paths := make([]string, 4)
	var workers sync.WaitGroup
	for i := range paths {
		workers.Go(func() {
			path, _, err := backup.CreateIn(folder, header, backup.Key{}, func(out io.Writer) (map[string]int64, error) {
				_, err := io.WriteString(out, strings.Repeat("x", i))
				return rows, err
			})
			if err != nil {
				t.Error(err)
			}
			paths[i] = path
		})
	}
	workers.Wait()
	for i, path := range paths {
		if _, s, err := backup.Verify(path, backup.Key{}); err != nil || s.Bytes != int64(i) {
			t.Errorf("%s: got %+v, %v", path, s, err)
		}
	}
	if names := list(t, folder); len(names) != 5 || names[4] != backup.Name(header.Created.Add(4*time.Second)) {
		t.Errorf("got %v, want the five, a second apart, and nothing left behind", names)
	}
	failed := errors.New("the database is away")
	_, _, err := backup.CreateIn(folder, header, backup.Key{}, func(io.Writer) (map[string]int64, error) { return nil, failed })
	if names := list(t, folder); !errors.Is(err, failed) || len(names) != 5 {
		t.Errorf("got %v, %v", err, names)
	}
}

func list(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// Of the days that have backups the newest are kept, a backup each, and all of
// the newest day; what is not ours is not touched.
// A file that cannot be read back, here as its disk changes a byte, gets no name: it
// would take the place of a good one, at once or when old ones are removed.
func TestCreate_ReadsBack(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, backup.Name(header.Created))
	create := func(fill func(io.Writer) (map[string]int64, error)) error {
		_, err := backup.Create(path, header, key("a key of 20 characters"), true, fill)
		return err
	}
	err := create(func(out io.Writer) (map[string]int64, error) {
		_, err := out.Write([]byte("good"))
		return rows, err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = create(func(out io.Writer) (map[string]int64, error) {
		_, err := out.Write([]byte("bad"))
		return rows, errors.Join(err, spoil(folder))
	})
	if !errors.Is(err, backup.ErrDamaged) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error about the damage", err)
	}
	if _, s, err := backup.Verify(path, key("a key of 20 characters")); err != nil || s.Bytes != 4 {
		t.Errorf("got %+v, %v, want the good one", s, err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("got %v, %v, want nothing else to be left", left, err)
	}
}

// spoil changes the version in the head of the file that is being written.
func spoil(folder string) error {
	parts, err := filepath.Glob(filepath.Join(folder, ".*.part"))
	if err != nil || len(parts) != 1 {
		return errors.Join(err, errors.New("no file is being written"))
	}
	text, err := os.ReadFile(parts[0])
	if err != nil {
		return err
	}
	file, err := os.OpenFile(parts[0], os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteAt([]byte("9"), int64(bytes.Index(text, []byte(`"1.0"`)))+1)
	return errors.Join(err, file.Close())
}

func TestPrune(t *testing.T) {
	t.Parallel()
	folder, now := t.TempDir(), time.Now()
	old, kept := "roster-20200101T000000Z.backup", []string{
		"notes.txt", "roster-20190101T000000Z.backup", "my.backup", ".roster-20260101T000000Z.backup.1.part", "roster-2020.backup",
	}
	for _, name := range kept {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("not a backup"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stale := ".roster-20250101T000000Z.backup.12.part"
	if err := errors.Join(os.WriteFile(filepath.Join(folder, stale), nil, 0o600),
		os.Chtimes(filepath.Join(folder, stale), now, now.Add(-2*time.Hour))); err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	own := []string{old}
	for n := range 4 {
		for _, hour := range []int{0, 12} {
			own = append(own, backup.Name(day.AddDate(0, 0, n).Add(time.Duration(hour)*time.Hour)))
		}
	}
	for _, name := range own {
		if err := write(filepath.Join(folder, name), false, "x"); err != nil {
			t.Fatal(err)
		}
	}
	removed, err := backup.Prune(folder, 2, now)
	if err != nil || len(removed) != 7 || !slices.Contains(removed, stale) || !slices.Contains(removed, old) {
		t.Errorf("got %v, %v", removed, err)
	}
	want := append(slices.Clone(kept), "roster-20261122T150000Z.backup", "roster-20261123T030000Z.backup", "roster-20261123T150000Z.backup")
	slices.Sort(want)
	if got := list(t, folder); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if again, err := backup.Prune(folder, 2, now); err != nil || len(again) != 0 {
		t.Errorf("got %v, %v, want nothing more", again, err)
	}
	if _, err := backup.Prune(filepath.Join(folder, "none"), 2, now); err == nil {
		t.Error("got no error without the folder")
	}
}
