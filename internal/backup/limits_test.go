package backup_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/zstd"

	"roster/internal/backup"
)

var errAway = errors.New("the disk is away")

// failingDisk accepts that many writes.
type failingDisk struct{ writes int }

func (d *failingDisk) Write(p []byte) (int, error) {
	if d.writes--; d.writes < 0 {
		return 0, errAway
	}
	return len(p), nil
}

// Whichever write fails, the backup fails, and at once rather than at its end.
func TestWrite_DiskFails(t *testing.T) {
	t.Parallel()
	content := make([]byte, 1<<20)
	_, _ = rand.Read(content)
	write := func(writes int, k backup.Key) (accepted int, err error) {
		_, err = backup.Write(&failingDisk{writes}, header, k, func(out io.Writer) (map[string]int64, error) {
			var err error
			if accepted, err = out.Write(content); err == nil && accepted < len(content) {
				t.Errorf("after %d writes: %d bytes are written, without an error", writes, accepted)
			}
			return rows, err
		})
		return accepted, err
	}
	n := 0
	for accepted, err := write(n, backup.Key{}); err != nil; accepted, err = write(n, backup.Key{}) {
		if !errors.Is(err, errAway) || n < 4 && accepted == len(content) {
			t.Errorf("write %d: got %v, with %d bytes accepted", n, err, accepted)
		}
		n++
	}
	if n < 5 {
		t.Errorf("succeeds with %d writes", n)
	}
	for n := range 4 { // each takes the time of making a key
		if _, err := write(n, key("a key of 20 characters")); !errors.Is(err, errAway) {
			t.Errorf("encrypted: write %d: got %v", n, err)
		}
	}
	if _, err := write(1000, key("a key of 20 characters")); err != nil {
		t.Error(err)
	}
}

// Wherever reading fails, the error is the disk's, and there is no summary.
func TestReader_DiskFails(t *testing.T) {
	t.Parallel()
	file := pack(t, []byte("some content"), backup.Key{})
	for n := range len(file) + 1 {
		in := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(errAway))
		r, err := backup.NewReader(in, backup.Key{})
		if err == nil {
			_, err = io.ReadAll(r)
			if r.Summary().Digest != "" {
				t.Errorf("after %d bytes: there is a summary", n)
			}
			r.Close()
		}
		if !errors.Is(err, errAway) && !errors.Is(err, backup.ErrDamaged) || n < len("roster-backup 1\n") && !errors.Is(err, errAway) {
			t.Errorf("after %d bytes: got %v", n, err)
		}
	}
}

// forged returns a file of frames, and of a summary of other content.
func forged(t *testing.T, summed []byte, frames ...[]byte) []byte {
	t.Helper()
	return forgedWith(t, func(summary []byte) []byte { return summary }, summed, frames...)
}

// forgedWith is forged with a summary that is changed.
func forgedWith(t *testing.T, change func(summary []byte) []byte, summed []byte, frames ...[]byte) []byte {
	t.Helper()
	head, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	head = append([]byte("roster-backup 1\n"), append(head, '\n')...)
	sum := sha256.Sum256(append(bytes.Clone(head), summed...))
	summary, err := json.Marshal(backup.Summary{Bytes: int64(len(summed)), Digest: hex.EncodeToString(sum[:]), Rows: rows})
	if err != nil {
		t.Fatal(err)
	}
	out := bytes.NewBuffer(head)
	zip, err := zstd.NewWriter(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, frame := range append(frames, nil, change(summary)) {
		_, err = zip.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(frame))), frame...))
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A summary that cannot be read, or says what this version does not know, is damage,
// also when its checksum is right. So is a header that cannot be read.
func TestReader_ForgedSummary(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func([]byte) []byte{
		"sound":         func(text []byte) []byte { return text },
		"unknown field": func(text []byte) []byte { return append([]byte(`{"hat":1,`), text[1:]...) },
		"cut":           func(text []byte) []byte { return text[:len(text)-1] },
		"of many lines": func(text []byte) []byte { return bytes.ReplaceAll(text, []byte(`,`), []byte("\n,\n")) },
		"no JSON":       func([]byte) []byte { return []byte("x") },
	} {
		_, s, err := unpack(forgedWith(t, change, []byte("a"), []byte("a")), backup.Key{})
		sound := name == "sound" || name == "of many lines"
		if sound != (err == nil) || !sound && (!errors.Is(err, backup.ErrDamaged) || s.Digest != "" && name == "no JSON") {
			t.Errorf("%s: got %+v, %v", name, s, err)
		}
	}
	for _, head := range []string{"x", "{", "[]", `{"engine":1}`} {
		if _, err := backup.NewReader(strings.NewReader("roster-backup 1\n"+head+"\n"), backup.Key{}); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("the header %s: got %v", head, err)
		}
	}
}

// What cannot be written is refused before the database is read.
func TestCreate_RefusesFirst(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	there, pipe := filepath.Join(folder, "there"), filepath.Join(folder, "device")
	if err := errors.Join(os.WriteFile(there, nil, 0o600), os.Symlink(os.DevNull, pipe)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path  string
		force bool
		want  string // "" if it is written
	}{
		{there, false, "is there already; --force overwrites it"}, {pipe, false, "is there already; --force overwrites it"},
		{pipe, true, "is not a regular file"}, {folder, false, "is a folder"}, {folder, true, "is a folder"}, {there, true, ""},
	} {
		read := false
		_, err := backup.Create(c.path, header, backup.Key{}, c.force, func(io.Writer) (map[string]int64, error) { read = true; return rows, nil })
		if read != (c.want == "") || (err == nil) != read || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, force %t: got %v, and the database was read: %t", c.path, c.force, err, read)
		}
	}
}

// The checksum covers the content, not only its length, and a part has a maximum
// size.
func TestReader_Forged(t *testing.T) {
	t.Parallel()
	tooMuch := make([]byte, 1<<20+1)
	most := tooMuch[:1<<20]
	for _, c := range []struct {
		name   string
		summed []byte
		frames [][]byte
		sound  bool
	}{
		{"as written", []byte("ab"), [][]byte{[]byte("a"), []byte("b")}, true},
		{"other content of the same length", []byte("ab"), [][]byte{[]byte("a"), []byte("c")}, false},
		{"more content", []byte("ab"), [][]byte{[]byte("ab"), []byte("c")}, false},
		{"less content", []byte("ab"), [][]byte{[]byte("a")}, false},
		{"the largest part", most, [][]byte{most}, true},
		{"a larger part", tooMuch, [][]byte{tooMuch}, false},
		{"something behind the end", []byte("a"), [][]byte{[]byte("a"), nil, []byte("{}")}, false},
	} {
		_, s, err := unpack(forged(t, c.summed, c.frames...), backup.Key{})
		if c.sound != (err == nil) || !c.sound && (!errors.Is(err, backup.ErrDamaged) || s.Digest != "") {
			t.Errorf("%s: got %+v, %v", c.name, s, err)
		}
	}
}

// A file cannot ask for more work than eight times that of a writer, which would
// take memory and time before the key is known to be wrong.
func TestReader_Work(t *testing.T) {
	t.Parallel()
	word := strings.Repeat("A", 43)
	file := "roster-backup 1\n{\"encryption\":\"age-scrypt\"}\nage-encryption.org/v1\n-> scrypt " + word[:22] + " 19\n" + word + "\n--- " + word + "\n"
	if _, err := backup.NewReader(strings.NewReader(file), key("k")); !errors.Is(err, backup.ErrDamaged) || !strings.Contains(err.Error(), "work factor too large: 19") {
		t.Errorf("got %v", err)
	}
}

// A header and a summary have at most 64 KiB, and what is written can be read.
func TestWriter_Limits(t *testing.T) {
	t.Parallel()
	plain, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	plainRows := int64(len(`{"bytes":0,"sha256":"","rows":{"":1}}`) + 64)
	for _, n := range []int{-1, 0, 1} {
		h := header
		h.Version += strings.Repeat("x", 64<<10-len(plain)+n)
		table := map[string]int64{strings.Repeat("x", 64<<10-int(plainRows)+n): 1}
		for what, write := range map[string]func(io.Writer) error{
			"header": func(out io.Writer) error {
				_, err := backup.Write(out, h, backup.Key{}, func(io.Writer) (map[string]int64, error) { return rows, nil })
				return err
			},
			"summary": func(out io.Writer) error {
				_, err := backup.Write(out, header, backup.Key{}, func(io.Writer) (map[string]int64, error) { return table, nil })
				return err
			},
		} {
			var out bytes.Buffer
			if err := write(&out); (err == nil) != (n <= 0) {
				t.Errorf("%s of 64 KiB %+d: got %v", what, n, err)
			} else if err != nil {
				continue
			}
			if _, _, err := unpack(out.Bytes(), backup.Key{}); err != nil {
				t.Errorf("%s of 64 KiB %+d: reading it: %v", what, n, err)
			}
		}
	}
}

// The first line has at most 34 bytes.
func TestReader_FirstLine(t *testing.T) {
	t.Parallel()
	file := pack(t, []byte("x"), backup.Key{})
	rest := file[len("roster-backup 1\n"):]
	for digits, want := range map[int]bool{18: true, 19: true, 20: false} {
		line := fmt.Sprintf("roster-backup %0*d\n", digits, 1)
		_, err := backup.ReadHeader(bytes.NewReader(append([]byte(line), rest...)))
		if want != (err == nil) || !want && !errors.Is(err, backup.ErrNotBackup) {
			t.Errorf("%d digits: got %v", digits, err)
		}
	}
	if _, err := backup.ReadHeader(strings.NewReader("roster-backup 0\n" + string(rest))); !errors.Is(err, backup.ErrNotBackup) {
		t.Errorf("version 0: got %v", err)
	}
}

// Errors name the file once.
func TestVerify_Errors(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(folder, "none"): "cannot read " + filepath.Join(folder, "none") + ": no such file or directory",
		folder:                        folder + ": is a directory",
	} {
		if _, _, err := backup.Verify(path, backup.Key{}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for _, force := range []bool{false, true} {
		if err := write(folder, force, "x"); err == nil || !strings.Contains(err.Error(), "is a folder; name a file in it") {
			t.Errorf("force %v: got %v", force, err)
		}
	}
}

// Unfinished files are removed when no one has written to them for more than an
// hour, and backups by days, of which at least one is kept.
func TestPrune_Limits(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for age, want := range map[time.Duration]int{time.Hour - time.Second: 0, time.Hour: 0, time.Hour + time.Second: 1} {
		folder := t.TempDir()
		part := filepath.Join(folder, ".roster-20250101T000000Z.backup.12.part")
		if err := errors.Join(os.WriteFile(part, nil, 0o600), os.Chtimes(part, now, now.Add(-age))); err != nil {
			t.Fatal(err)
		}
		if removed, err := backup.Prune(folder, 1, now); err != nil || len(removed) != want {
			t.Errorf("after %v: removed %v, %v, want %d", age, removed, err, want)
		}
	}
	for days, want := range map[int]int{-1: 2, 0: 2, 1: 2, 2: 1, 3: 0, 4: 0} {
		folder := t.TempDir()
		for n := range 3 {
			if err := write(filepath.Join(folder, backup.Name(now.AddDate(0, 0, -n))), false, "x"); err != nil {
				t.Fatal(err)
			}
		}
		if removed, err := backup.Prune(folder, days, now); err != nil || len(removed) != want {
			t.Errorf("%d days: removed %v, %v, want %d", days, removed, err, want)
		}
	}
}
