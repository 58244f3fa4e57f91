package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"roster/internal/httpkit"
	"roster/internal/phrase"
	"roster/internal/server"
)

type collectStaticCommand struct {
	Dir string `arg:"" help:"Target directory, created if it does not exist." placeholder:"DIR"`
}

// Run writes the static files to the directory as a web server serves them,
// each with its compressed form NAME.gz. Files are replaced atomically, and
// only if they differ. Files of other versions are kept, because pages open
// during an upgrade still reference them. It needs no settings.
func (c *collectStaticCommand) Run(ctx context.Context, env *environment) error {
	assets, err := server.NewAssets()
	if err != nil {
		return err
	}
	var written, unchanged int
	err = assets.Each(func(f httpkit.Static) error {
		for name, content := range map[string][]byte{f.Name: f.Content, f.Name + ".gz": f.Gzip} {
			if content == nil && name != f.Name {
				continue
			}
			changed, err := putFile(filepath.Join(c.Dir, filepath.FromSlash(name)), content)
			if err != nil {
				return c.refused(err)
			}
			if changed {
				written++
			} else {
				unchanged++
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Out, "%s written to %s, %d %s unchanged\n", phrase.Count(written, "file"), c.Dir, unchanged, phrase.Verb(unchanged, "was", "were"))
	return err
}

// refused describes a problem with the directory.
func (c *collectStaticCommand) refused(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		if errors.Is(path.Err, syscall.ENOTDIR) {
			return fmt.Errorf("%s is not a directory", path.Path)
		}
		return fmt.Errorf("cannot write %s: %w", path.Path, path.Err)
	}
	return fmt.Errorf("cannot write to %s: %w", c.Dir, err)
}

// putFile writes content to a world-readable file, and reports whether it
// changed. Readers see either the old or the new content.
func putFile(name string, content []byte) (changed bool, err error) {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, content) {
		return false, nil
	}
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // a web server reads it
		return false, err
	}
	file, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return false, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name()) // incomplete; see err
		}
	}()
	_, err = file.Write(content)
	err = errors.Join(err, file.Close())
	if err != nil {
		return false, err
	}
	if err = os.Chmod(file.Name(), 0o644); err != nil { //nolint:gosec // a web server reads it
		return false, err
	}
	return true, os.Rename(file.Name(), name)
}
