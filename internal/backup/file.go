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

// Create writes a backup to a temporary file in the same directory, readable
// only by its owner, verifies it, and renames it to path. path therefore holds
// a complete backup or its previous content. fill writes the content and
// returns the number of rows of each table. Create does not overwrite an
// existing file unless force is set.
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
			_ = os.Remove(part.Name()) // Prune removes leftovers
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

// readBack verifies the file that will be renamed to path.
func readBack(part io.ReadSeeker, path string, key Key, written Summary) error {
	if _, err := part.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, s, err := Check(part, path, key)
	if err == nil && s.Digest != written.Digest {
		err = fmt.Errorf("%s: %w: reading it back returned different data", path, ErrDamaged)
	}
	return err
}

// Write writes a backup to out. The backup is complete only if the error is
// nil. fill writes the content and returns the number of rows of each table.
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

// publish renames the finished file. Without force, it does not overwrite a
// file created in the meantime.
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
	if err != nil { // the file system has no links
		err = os.Rename(part, path)
	} else {
		err = os.Remove(part)
	}
	return errors.Join(err, syncFolder(filepath.Dir(path)))
}

// syncFolder makes the directory entries durable.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Verify reads the whole file and returns its header and summary. The error
// contains the path and why the file cannot be restored.
func Verify(path string, key Key) (h Header, s Summary, err error) {
	file, err := os.Open(path)
	if err != nil {
		return h, s, fmt.Errorf("cannot read %s: %w", path, errors.Unwrap(err))
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return Check(file, path, key)
}

// Check reads a backup to its end, like Verify. name is used in errors.
func Check(in io.Reader, name string, key Key) (h Header, s Summary, err error) {
	r, err := NewReader(in, key)
	if failed, ok := errors.AsType[*fs.PathError](err); ok { // it already contains the name
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
