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
	Dir string `arg:"" help:"Where the files go; made when it does not exist." placeholder:"DIR"`
}

// Run writes the static files into the directory as a web server serves them,
// each with its compressed form as NAME.gz. A file is replaced in one step, and
// only when it differs. What other versions left is kept: pages that are open
// during an upgrade still name it. It needs no settings.
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
	_, err = fmt.Fprintf(env.Out, "%s written to %s, %d %s there\n", phrase.Count(written, "file"), c.Dir, unchanged, phrase.Verb(unchanged, "was", "were"))
	return err
}

// refused says what is wrong with the directory.
func (c *collectStaticCommand) refused(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		if errors.Is(path.Err, syscall.ENOTDIR) {
			return fmt.Errorf("%s is in the way: it is not a directory", path.Path)
		}
		return fmt.Errorf("cannot write %s: %w", path.Path, path.Err)
	}
	return fmt.Errorf("cannot write to %s: %w", c.Dir, err)
}

// putFile makes the file hold content, for everybody to read, and reports
// whether it did not before. Readers see the old content or the new.
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
			_ = os.Remove(file.Name()) // half a file; err says why
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
