package backup

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// partSuffix ends the name of a file that is being written.
const partSuffix = ".part"

// Fill writes the content of a backup and returns the number of rows of each
// table.
type Fill = func(io.Writer) (map[string]int64, error)

// Create writes a backup to a temporary file in the same directory, readable
// only by its owner, verifies it, and renames it to path. path therefore holds
// a complete backup or its previous content. Create does not overwrite an
// existing file unless force is set.
func Create(path string, h Header, key Key, force bool, fill Fill) (s Summary, err error) {
	if err := checkFree(path, force); err != nil {
		return s, err
	}
	part, s, err := writePart(path, h, key, fill)
	if err != nil {
		return s, err
	}
	err = publish(part, path, force)
	if !force {
		err = orForce(path, err)
	}
	return s, discard(part, err)
}

// CreateIn is like Create for a scheduled backup, and returns its path: it is
// named after h.Created, or after the first later second without a file of that
// name.
func CreateIn(folder string, h Header, key Key, fill Fill) (path string, s Summary, err error) {
	at := h.Created
	path = filepath.Join(folder, Name(at))
	part, s, err := writePart(path, h, key, fill)
	if err != nil {
		return path, s, err
	}
	err = publish(part, path, false)
	for errors.Is(err, fs.ErrExist) {
		at = at.Add(time.Second)
		path = filepath.Join(folder, Name(at))
		err = publish(part, path, false)
	}
	return path, s, discard(part, err)
}

// checkFree returns an error if path cannot be written.
func checkFree(path string, force bool) error {
	if !force {
		if info, err := os.Lstat(path); err == nil && !info.IsDir() {
			return orForce(path, fs.ErrExist)
		}
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder; name a file in it", path)
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", path)
	}
	return nil
}

// orForce names the flag that allows what failed because a file exists.
func orForce(path string, err error) error {
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; --force overwrites it", path)
	}
	return err
}

// discard removes the unfinished file if there was an error, which it returns.
func discard(part string, err error) error {
	if err != nil {
		_ = os.Remove(part) // Prune removes leftovers
	}
	return err
}

// writePart writes a backup to an unfinished file beside path, verifies it, and
// returns the file's name.
func writePart(path string, h Header, key Key, fill Fill) (name string, s Summary, err error) {
	part, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*"+partSuffix) // mode 0600
	if err != nil {
		return "", s, fmt.Errorf("cannot write %s: %w", path, errors.Unwrap(err))
	}
	s, err = Write(part, h, key, fill)
	if err = errors.Join(err, part.Sync()); err == nil {
		err = readBack(part, path, key, s)
	}
	return part.Name(), s, discard(part.Name(), errors.Join(err, part.Close()))
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
// nil.
func Write(out io.Writer, h Header, key Key, fill Fill) (s Summary, err error) {
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

// publish renames the finished file. Without force, it returns fs.ErrExist
// rather than overwrite a file.
func publish(part, path string, force bool) error {
	if force {
		if err := os.Rename(part, path); err != nil {
			return err
		}
		return syncFolder(filepath.Dir(path))
	}
	err := os.Link(part, path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return err
	case err != nil: // the file system has no links
		if _, there := os.Lstat(path); there == nil {
			return fs.ErrExist
		}
		err = os.Rename(part, path)
	default:
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
