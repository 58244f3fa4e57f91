package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"roster/internal/backup"
	"roster/internal/config"
	"roster/internal/fault"
	"roster/internal/job"
	"roster/internal/phrase"
	"roster/internal/secret"
	"roster/internal/store"
)

type backupCommand struct {
	File    string `arg:"" help:"File to write, or - for standard output; with --verify, to check, or - for standard input."`
	KeyFile string `help:"File whose first line is the key to encrypt with, instead of BACKUP_KEY." placeholder:"FILE"`
	Force   bool   `help:"Overwrite the file when it is there."`
	Verify  bool   `help:"Only check a backup: read all of it, and say what is in it. No database is touched."`
}

// Validate refuses flags that do not go together.
func (c *backupCommand) Validate() error {
	if c.Verify && c.Force {
		return errors.New("--verify writes nothing, so that --force has no meaning with it")
	}
	if c.File == standard && c.Force {
		return errors.New("standard output is no file, so that --force has no meaning with -")
	}
	return nil
}

// Run writes a backup and reads it back, or only reads one.
func (c *backupCommand) Run(ctx context.Context, env *environment) (err error) {
	ctx, release := untilSignal(ctx, drainLimit, env.Err)
	defer release()
	conf, key, err := backupSettings(env, c.KeyFile)
	if err != nil {
		return err
	}
	if c.Verify {
		return c.verify(env, key)
	}
	if c.File == standard {
		if err := refuseTerminal(env.Out, "standard output is a terminal; send it somewhere: roster backup - > FILE"); err != nil {
			return err
		}
	}
	if conf.DBEngine == config.SQLite {
		if _, err := os.Stat(conf.DBName); err != nil {
			return fmt.Errorf("DB_NAME: there is no file %s", conf.DBName)
		}
	}
	db, err := openDatabase(ctx, conf, nil, conf.Wait(), store.Observers{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return c.write(ctx, env, db, backupTarget{path: c.File, key: key, force: c.Force, engine: conf.DBEngine})
}

// write writes a backup and says what is in it: where the backup itself does not go.
func (c *backupCommand) write(ctx context.Context, env *environment, db *store.Store, to backupTarget) error {
	ticker, said, verb := newTicker(env, "written"), env.Out, "written and read back: "
	h, err := headerOf(ctx, db, to)
	if err != nil {
		return err
	}
	var s backup.Summary
	if c.File == standard {
		said, verb = env.Err, "written, not read back: "
		s, err = backup.Write(env.Out, h, to.key, contentOf(ctx, db, ticker.add))
	} else {
		s, err = makeBackup(ctx, db, to, h, ticker.add)
	}
	ticker.end()
	if err != nil {
		return err
	}
	return tellBackup(said, verb, h, s)
}

// verify reads a backup, and says what is in it.
func (c *backupCommand) verify(env *environment, key backup.Key) (err error) {
	var h backup.Header
	var s backup.Summary
	if c.File == standard {
		if err := refuseTerminal(env.In, "standard input is a terminal; give it a backup: roster backup --verify - < FILE"); err != nil {
			return err
		}
		h, s, err = backup.Check(env.In, "standard input", key)
	} else {
		h, s, err = backup.Verify(c.File, key)
	}
	if err != nil {
		return err
	}
	return tellBackup(env.Out, "whole: ", h, s)
}

// backupSettings returns the settings and the key of backups, which a file may
// have.
func backupSettings(env *environment, keyFile string) (conf config.Config, key backup.Key, err error) {
	if conf, err = env.settings(); err != nil {
		return conf, key, err
	}
	if err := conf.Validate(""); err != nil {
		return conf, key, err
	}
	if keyFile == "" {
		return conf, conf.BackupKey, nil
	}
	file, err := os.Open(keyFile)
	if err != nil {
		return conf, key, fmt.Errorf("--key-file: cannot read %s: %w", keyFile, errors.Unwrap(err))
	}
	defer func() { _ = file.Close() }() // it was only read
	line, err := bufio.NewReader(io.LimitReader(file, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return conf, key, fmt.Errorf("--key-file: cannot read %s: %w", keyFile, reasonOf(err))
	}
	line = strings.TrimSpace(line)
	if utf8.RuneCountInString(line) < backup.MinKey {
		return conf, key, fmt.Errorf("--key-file: the first line of %s has fewer than %d characters", keyFile, backup.MinKey)
	}
	return conf, secret.New(line), nil
}

// tellBackup says in one line what is in a backup.
func tellBackup(out io.Writer, verb string, h backup.Header, s backup.Summary) error {
	secrecy := "not encrypted"
	if h.Encrypted() {
		secrecy = "encrypted"
	}
	_, err := fmt.Fprintf(out, "%s%s, %s in %s, %s, schema %d, made %s UTC by roster %s, %s, sha256 %s\n",
		verb, phrase.Count(s.Rows["t_users"], "user"), phrase.Count(s.TotalRows(), "row"), phrase.Count(len(s.Rows), "table"), printable(h.Engine), h.Schema, h.Created.UTC().Format(shownTime),
		printable(h.Version), secrecy, s.Digest)
	return err
}

// backupTarget says where a backup goes, and how.
type backupTarget struct {
	path   string
	key    backup.Key
	force  bool
	engine string
}

// headerOf returns the header of a backup that begins now.
func headerOf(ctx context.Context, db *store.Store, to backupTarget) (h backup.Header, err error) {
	h = backup.Header{Engine: to.engine, Version: buildVersion(), Created: time.Now().UTC().Truncate(time.Microsecond)}
	h.Schema, err = db.Schema(ctx)
	return h.Sealed(to.key), err
}

// contentOf returns what writes the content of a backup; progress is told of the
// bytes that were read from the database.
func contentOf(ctx context.Context, db *store.Store, progress func(n int)) func(io.Writer) (map[string]int64, error) {
	return func(out io.Writer) (map[string]int64, error) { return db.Snapshot(ctx, progressWriter{out, progress}) }
}

// makeBackup writes a backup, reads it back and notes that it is good. progress
// is told as contentOf says.
func makeBackup(ctx context.Context, db *store.Store, to backupTarget, h backup.Header, progress func(n int)) (s backup.Summary, err error) {
	if s, err = backup.Create(to.path, h, to.key, to.force, contentOf(ctx, db, progress)); err != nil {
		return s, err
	}
	return s, noteBackup(ctx, db, to.path, h, s)
}

// noteBackup notes a good backup where there is a table for that: a backup is
// also made before a migration.
func noteBackup(ctx context.Context, db *store.Store, path string, h backup.Header, s backup.Summary) error {
	pending, err := db.Pending(ctx)
	if err != nil || len(pending) > 0 {
		return err
	}
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	return db.RecordBackup(ctx, store.Backup{Created: h.Created, Path: path, Bytes: s.Bytes, Rows: s.TotalRows(), Digest: s.Digest})
}

// backups is the job.Backups of the settings.
type backups struct {
	db   *store.Store
	conf config.Config
	log  *slog.Logger
}

// MakeBackup implements job.Backups.
func (m *backups) MakeBackup(ctx context.Context, progress func(done int64)) (made job.MadeBackup, err error) {
	if m.conf.BackupDir == "" {
		return made, fault.New(fault.Unprocessable, "BACKUP_DIR is not set: there is no place for backups.")
	}
	path, err := filepath.Abs(filepath.Join(m.conf.BackupDir, backup.Name(time.Now())))
	if err != nil {
		return made, err
	}
	to := backupTarget{path: path, key: m.conf.BackupKey, engine: m.conf.DBEngine}
	h, err := headerOf(ctx, m.db, to)
	if err != nil {
		return made, err
	}
	done := int64(0)
	s, err := makeBackup(ctx, m.db, to, h, func(n int) {
		done += int64(n)
		progress(done)
	})
	if err != nil {
		return made, err
	}
	made = job.MadeBackup{Created: h.Created, File: path, Bytes: s.Bytes, Rows: s.TotalRows()}
	made.Removed, err = backup.Prune(m.conf.BackupDir, m.conf.BackupKeep, time.Now())
	if err != nil {
		m.log.Warn("old backups could not be removed", "directory", m.conf.BackupDir, "cause", err)
	}
	return made, nil
}

// LastBackup implements job.Backups.
func (m *backups) LastBackup(ctx context.Context) (job.MadeBackup, error) {
	b, err := m.db.LastBackup(ctx)
	return job.MadeBackup{Created: b.Created, File: b.Path, Bytes: b.Bytes, Rows: b.Rows}, err
}

// progressWriter tells how much was written.
type progressWriter struct {
	out  io.Writer
	tell func(n int)
}

// Write implements io.Writer.
func (w progressWriter) Write(p []byte) (int, error) {
	n, err := w.out.Write(p)
	w.tell(n)
	return n, err
}

// ticker shows on a terminal how many bytes went by.
type ticker struct {
	out   io.Writer // nil: there is no terminal
	verb  string
	bytes int64
	last  time.Time
}

func newTicker(env *environment, verb string) *ticker {
	t := &ticker{verb: verb, last: time.Now()}
	if f, ok := env.Err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		t.out = f
	}
	return t
}

func (t *ticker) add(n int) {
	t.bytes += int64(n)
	if t.out != nil && time.Since(t.last) > 200*time.Millisecond {
		t.last = time.Now()
		fmt.Fprintf(t.out, "\r\033[K%s %s", phrase.Size(t.bytes), t.verb)
	}
}

// end clears the line.
func (t *ticker) end() {
	if t.out != nil {
		fmt.Fprint(t.out, "\r\033[K")
	}
}
