package server

import (
	"context"
	"io"
	"path/filepath"
	"time"

	"roster/internal/backup"
	"roster/internal/fault"
	"roster/internal/job"
	"roster/internal/store"
)

// Backup is a backup to be written.
type Backup struct {
	Header backup.Header

	db       *store.Store
	key      backup.Key
	progress func(n int)
}

// NewBackup returns a backup of the current state of db, encrypted with BACKUP_KEY
// if that is set. progress receives the number of bytes of each read.
func NewBackup(ctx context.Context, db *store.Store, p *Process, progress func(n int)) (*Backup, error) {
	schema, err := db.Schema(ctx)
	h := backup.Header{Engine: p.Config.DBEngine, Version: p.Version, Created: time.Now().UTC().Truncate(time.Microsecond), Schema: schema}
	return &Backup{h.Sealed(p.Config.BackupKey), db, p.Config.BackupKey, progress}, err
}

// Write writes the backup without verifying it.
func (b *Backup) Write(ctx context.Context, out io.Writer) (backup.Summary, error) {
	return backup.Write(out, b.Header, b.key, b.content(ctx))
}

// Create writes the backup to a file, verifies it, and records it as good.
// force overwrites an existing file.
func (b *Backup) Create(ctx context.Context, path string, force bool) (backup.Summary, error) {
	s, err := backup.Create(path, b.Header, b.key, force, b.content(ctx))
	if err != nil {
		return s, err
	}
	return s, b.record(ctx, path, s)
}

// CreateIn is like Create for a scheduled backup in a directory, and returns its
// path.
func (b *Backup) CreateIn(ctx context.Context, folder string) (path string, s backup.Summary, err error) {
	if path, s, err = backup.CreateIn(folder, b.Header, b.key, b.content(ctx)); err != nil {
		return path, s, err
	}
	return path, s, b.record(ctx, path, s)
}

// content returns a function that writes the content of the backup.
func (b *Backup) content(ctx context.Context) func(io.Writer) (map[string]int64, error) {
	return func(out io.Writer) (map[string]int64, error) {
		return b.db.Snapshot(ctx, progressWriter{out, b.progress})
	}
}

// record records the backup if the table exists: a backup can also be made
// before a migration.
func (b *Backup) record(ctx context.Context, path string, s backup.Summary) error {
	pending, err := b.db.Pending(ctx)
	if err != nil || len(pending) > 0 {
		return err
	}
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	return b.db.RecordBackup(ctx, store.Backup{Created: b.Header.Created, Path: path, Bytes: s.Bytes, Rows: s.TotalRows(), Digest: s.Digest})
}

// progressWriter reports the number of bytes written.
type progressWriter struct {
	out    io.Writer
	report func(n int)
}

// Write implements io.Writer.
func (w progressWriter) Write(p []byte) (int, error) {
	n, err := w.out.Write(p)
	w.report(n)
	return n, err
}

// backups implements job.Backups with the settings.
type backups struct {
	db      *store.Store
	process *Process
}

// MakeBackup implements job.Backups.
func (m *backups) MakeBackup(ctx context.Context, progress func(done int64)) (made job.MadeBackup, err error) {
	conf := m.process.Config
	if conf.BackupDir == "" {
		return made, fault.New(fault.Unprocessable, "BACKUP_DIR is not set.")
	}
	folder, err := filepath.Abs(conf.BackupDir)
	if err != nil {
		return made, err
	}
	done := int64(0)
	b, err := NewBackup(ctx, m.db, m.process, func(n int) {
		done += int64(n)
		progress(done)
	})
	if err != nil {
		return made, err
	}
	path, s, err := b.CreateIn(ctx, folder)
	if err != nil {
		return made, err
	}
	made = job.MadeBackup{Created: b.Header.Created, File: path, Bytes: s.Bytes, Rows: s.TotalRows()}
	made.Removed, err = backup.Prune(conf.BackupDir, conf.BackupKeep, time.Now())
	if err != nil {
		m.process.logger("backup").Warn("old backups could not be removed", "directory", conf.BackupDir, "cause", err)
	}
	return made, nil
}

// LastBackup implements job.Backups.
func (m *backups) LastBackup(ctx context.Context) (job.MadeBackup, error) {
	b, err := m.db.LastBackup(ctx)
	return job.MadeBackup{Created: b.Created, File: b.Path, Bytes: b.Bytes, Rows: b.Rows}, err
}
