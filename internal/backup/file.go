package backup

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// partSuffix ends the name of a file that is being written.
const partSuffix = ".part"

// Create writes a backup to a file that its owner alone may read, by way of a
// temporary name in the same folder, and reads it back: the name of path has a whole
// backup or what it had before. fill writes the content and returns the rows of each table.
// A file that is there is refused unless force.
func Create(path string, h Header, key Key, force bool, fill func(io.Writer) (map[string]int64, error)) (s Summary, err error) {
	if !force {
		if info, err := os.Lstat(path); err == nil && !info.IsDir() {
			return s, fmt.Errorf("%s is there already; --force overwrites it", path)
		}
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return s, fmt.Errorf("%s is a folder; name a file in it", path)
	case err == nil && !info.Mode().IsRegular():
		return s, fmt.Errorf("%s is not a regular file", path)
	}
	part, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*"+partSuffix) // mode 0600
	if err != nil {
		return s, fmt.Errorf("cannot write %s: %w", path, errors.Unwrap(err))
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part.Name()) // a leftover is swept by Prune
		}
	}()
	s, err = Write(part, h, key, fill)
	if err = errors.Join(err, part.Sync()); err == nil {
		err = readBack(part, path, key, s)
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return s, err
	}
	return s, publish(part.Name(), path, force)
}

// readBack reads what was written to a file that is to be called path.
func readBack(part io.ReadSeeker, path string, key Key, written Summary) error {
	if _, err := part.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, s, err := Check(part, path, key)
	if err == nil && s.Digest != written.Digest {
		err = fmt.Errorf("%s: %w: it reads other than it was written", path, ErrDamaged)
	}
	return err
}

// Write writes a backup to out, which has a whole one only when there is no error.
// fill writes the content and returns the rows of each table.
func Write(out io.Writer, h Header, key Key, fill func(io.Writer) (map[string]int64, error)) (s Summary, err error) {
	w, err := NewWriter(out, h, key)
	if err != nil {
		return s, err
	}
	rows, err := fill(w)
	if err != nil {
		return s, err
	}
	return w.Close(rows)
}

// publish gives the finished file its name. Without force a file that came
// meanwhile is not overwritten.
func publish(part, path string, force bool) error {
	if force {
		if err := os.Rename(part, path); err != nil {
			return err
		}
		return syncFolder(filepath.Dir(path))
	}
	err := os.Link(part, path)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; --force overwrites it", path)
	}
	if err != nil { // a file system without links
		err = os.Rename(part, path)
	} else {
		err = os.Remove(part)
	}
	return errors.Join(err, syncFolder(filepath.Dir(path)))
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Verify reads the whole file, and returns what is in it. The error says, with
// the path, why it is not one to restore from.
func Verify(path string, key Key) (h Header, s Summary, err error) {
	file, err := os.Open(path)
	if err != nil {
		return h, s, fmt.Errorf("cannot read %s: %w", path, errors.Unwrap(err))
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return Check(file, path, key)
}

// Check reads a backup to its end, as Verify does; name is what errors call it.
func Check(in io.Reader, name string, key Key) (h Header, s Summary, err error) {
	r, err := NewReader(in, key)
	if failed, ok := errors.AsType[*fs.PathError](err); ok { // which names the file, too
		err = failed.Err
	}
	if err != nil {
		return h, s, fmt.Errorf("%s: %w", name, err)
	}
	defer r.Close()
	if _, err := io.Copy(io.Discard, r); err != nil {
		return r.Header, s, fmt.Errorf("%s: %w", name, err)
	}
	return r.Header, r.Summary(), nil
}
