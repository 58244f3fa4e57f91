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

// standard is the argument for standard input or output.
const standard = "-"

// archive is a backup that can be read more than once.
type archive struct {
	file *os.File
	name string // for display
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

// spoolFolder returns the directory for a copy of standard input, and the
// setting that determines it: beside the SQLite database, which needs the space
// anyway, otherwise the directory for temporary files.
func spoolFolder(conf config.Config) (folder, setting string) {
	if conf.DBEngine == config.SQLite {
		return filepath.Dir(conf.DBName), "DB_NAME"
	}
	return os.TempDir(), "TMPDIR"
}

// spool copies standard input to a file, because a backup is verified
// completely before it is used.
func spool(env *environment, conf config.Config) (*archive, error) {
	if err := refuseTerminal(env.In, "standard input is a terminal; give it a backup: roster restore - < FILE"); err != nil {
		return nil, err
	}
	folder, setting := spoolFolder(conf)
	file, err := os.CreateTemp(folder, "roster-restore-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("%s: cannot store standard input: %w", setting, err)
	}
	_ = os.Remove(file.Name()) // unlinked, so that a kill leaves nothing; if that fails, close removes it
	a := &archive{file, "standard input"}
	_, err = io.Copy(file, env.In)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		a.close()
		return nil, fmt.Errorf("%s: cannot store standard input: %w", setting, err)
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

// close closes the file, and removes the copy.
func (a *archive) close() {
	_ = a.file.Close() // read only, or about to be removed
	if a.name != a.file.Name() {
		_ = os.Remove(a.file.Name()) // usually unlinked already
	}
}

// refuseTerminal returns an error with that sentence if the stream is a
// terminal.
func refuseTerminal(stream any, sentence string) error {
	if f, ok := stream.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return errors.New(sentence)
	}
	return nil
}
