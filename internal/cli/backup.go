package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"roster/internal/backup"
	"roster/internal/config"
	"roster/internal/phrase"
	"roster/internal/secret"
	"roster/internal/server"
)

type backupCommand struct {
	File    string `arg:"" help:"File to write, or - for standard output; with --verify, file to verify, or - for standard input."`
	KeyFile string `help:"File whose first line is the encryption key, instead of BACKUP_KEY." placeholder:"FILE"`
	Force   bool   `help:"Overwrite an existing file."`
	Verify  bool   `help:"Verify an existing backup and describe its contents, without a database."`
}

// Validate rejects incompatible flags.
func (c *backupCommand) Validate() error {
	if c.Verify && c.Force {
		return errors.New("--force cannot be combined with --verify, which writes nothing")
	}
	if c.File == standard && c.Force {
		return errors.New("--force cannot be combined with -, standard output")
	}
	return nil
}

// Run writes and verifies a backup, or only verifies one.
func (c *backupCommand) Run(ctx context.Context, env *environment) (err error) {
	ctx, release := untilSignal(ctx, server.DrainLimit, env.Err)
	defer release()
	conf, err := backupSettings(env, c.KeyFile)
	if err != nil {
		return err
	}
	if c.Verify {
		return c.verify(env, conf.BackupKey)
	}
	if c.File == standard {
		if err := refuseTerminal(env.Out, "standard output is a terminal; redirect it: roster backup - > FILE"); err != nil {
			return err
		}
	}
	if conf.DBEngine == config.SQLite {
		if _, err := os.Stat(conf.DBName); err != nil {
			return fmt.Errorf("DB_NAME: there is no file %s", conf.DBName)
		}
	}
	db, err := server.OpenDatabase(ctx, conf)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	ticker := newTicker(env, "written")
	process := env.process(conf)
	b, err := server.NewBackup(ctx, db, &process, ticker.add)
	if err != nil {
		return err
	}
	return c.write(ctx, env, b, ticker)
}

// write writes a backup and describes it, on the stream that the backup does
// not use.
func (c *backupCommand) write(ctx context.Context, env *environment, b *server.Backup, ticker *ticker) (err error) {
	said, verb := env.Out, "written and read back: "
	var s backup.Summary
	if c.File == standard {
		said, verb = env.Err, "written, not read back: "
		s, err = b.Write(ctx, env.Out)
	} else {
		s, err = b.Create(ctx, c.File, c.Force)
	}
	ticker.end()
	if err != nil {
		return err
	}
	return describeBackup(said, verb, b.Header, s)
}

// verify verifies a backup, and describes it.
func (c *backupCommand) verify(env *environment, key backup.Key) (err error) {
	var h backup.Header
	var s backup.Summary
	if c.File == standard {
		if err := refuseTerminal(env.In, "standard input is a terminal; redirect a backup: roster backup --verify - < FILE"); err != nil {
			return err
		}
		h, s, err = backup.Check(env.In, "standard input", key)
	} else {
		h, s, err = backup.Verify(c.File, key)
	}
	if err != nil {
		return err
	}
	return describeBackup(env.Out, "whole: ", h, s)
}

// backupSettings returns the settings, with the key in keyFile unless that is empty.
func backupSettings(env *environment, keyFile string) (config.Config, error) {
	conf, err := env.validSettings()
	if err != nil || keyFile == "" {
		return conf, err
	}
	file, err := os.Open(keyFile)
	if err != nil {
		return conf, fmt.Errorf("--key-file: cannot read %s: %w", keyFile, errors.Unwrap(err))
	}
	defer func() { _ = file.Close() }() // read only
	line, err := bufio.NewReader(io.LimitReader(file, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return conf, fmt.Errorf("--key-file: cannot read %s: %w", keyFile, reasonOf(err))
	}
	line = strings.TrimSpace(line)
	if utf8.RuneCountInString(line) < backup.MinKey {
		return conf, fmt.Errorf("--key-file: the first line of %s has fewer than %d characters", keyFile, backup.MinKey)
	}
	conf.BackupKey = secret.New(line)
	return conf, nil
}

// describeBackup describes a backup on one line.
func describeBackup(out io.Writer, verb string, h backup.Header, s backup.Summary) error {
	secrecy := "not encrypted"
	if h.Encrypted() {
		secrecy = "encrypted"
	}
	_, err := fmt.Fprintf(out, "%s%s, %s in %s, %s, schema %d, made %s UTC by roster %s, %s, sha256 %s\n",
		verb, phrase.Count(s.Rows["t_users"], "user"), phrase.Count(s.TotalRows(), "row"), phrase.Count(len(s.Rows), "table"), printable(h.Engine), h.Schema, h.Created.UTC().Format(shownTime),
		printable(h.Version), secrecy, s.Digest)
	return err
}

// ticker shows the number of bytes on a terminal.
type ticker struct {
	out   io.Writer // nil: not a terminal
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

// Write implements io.Writer: it counts bytes.
func (t *ticker) Write(p []byte) (int, error) {
	t.add(len(p))
	return len(p), nil
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
