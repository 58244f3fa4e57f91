package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"roster/internal/backup"
	"roster/internal/config"
)

// standard is the argument that stands for standard input or output.
const standard = "-"

// archive is a backup that is read more than once.
type archive struct {
	file *os.File
	name string // for people
}

// openArchive opens a file, or a copy of standard input.
func openArchive(env *environment, path string, conf config.Config) (*archive, error) {
	if path == standard {
		return spool(env, conf)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, errors.Unwrap(err))
	}
	return &archive{file, path}, nil
}

// spoolFolder is where a backup is kept that is read from standard input, and the
// setting that says so: where there has to be room for the database anyway, else
// where temporary files are.
func spoolFolder(conf config.Config) (folder, setting string) {
	if conf.DBEngine == config.SQLite {
		return filepath.Dir(conf.DBName), "DB_NAME"
	}
	return os.TempDir(), "TMPDIR"
}

// spool copies standard input into a file, because a backup is checked as a whole
// before any of it is used.
func spool(env *environment, conf config.Config) (*archive, error) {
	if err := refuseTerminal(env.In, "standard input is a terminal; give it a backup: roster restore - < FILE"); err != nil {
		return nil, err
	}
	folder, setting := spoolFolder(conf)
	file, err := os.CreateTemp(folder, "roster-restore-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("%s: cannot keep what is read from standard input: %w", setting, err)
	}
	_ = os.Remove(file.Name()) // it is used without a name, so that a kill leaves nothing; else close does it
	a := &archive{file, "standard input"}
	_, err = io.Copy(file, env.In)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		a.close()
		return nil, fmt.Errorf("%s: cannot keep what is read from standard input: %w", setting, err)
	}
	return a, nil
}

// open reads the backup from its beginning. Close the reader.
func (a *archive) open(key backup.Key) (*backup.Reader, error) {
	if _, err := a.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("%s: %w", a.name, err)
	}
	r, err := backup.NewReader(a.file, key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.name, err)
	}
	return r, nil
}

// close lets go of the file, and of the copy.
func (a *archive) close() {
	_ = a.file.Close() // it was only read, or is removed
	if a.name != a.file.Name() {
		_ = os.Remove(a.file.Name()) // mostly it has no name any more
	}
}

// refuseTerminal fails with that sentence when a stream is a terminal.
func refuseTerminal(stream any, sentence string) error {
	if f, ok := stream.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return errors.New(sentence)
	}
	return nil
}
