package job

import (
	"context"
	"time"

	"roster/internal/task"
)

// backupTimeout is the timeout of a backup.
const backupTimeout = 6 * time.Hour

// MadeBackup is a completed and verified backup.
type MadeBackup struct {
	Created time.Time `json:"created"` // of the data in it
	File    string    `json:"file"`
	Bytes   int64     `json:"bytes"` // size of the content
	Rows    int64     `json:"rows"`
	Removed []string  `json:"removed,omitempty"` // names of deleted backups
}

// Backups creates backups.
type Backups interface {
	// MakeBackup writes a backup to the configured directory, verifies it,
	// records it, and then deletes old backups. The error is Unprocessable if
	// no directory is configured. progress receives the number of bytes read.
	MakeBackup(ctx context.Context, progress func(done int64)) (MadeBackup, error)
	// LastBackup returns the newest verified backup, or the zero value.
	LastBackup(ctx context.Context) (MadeBackup, error)
}

// BackupArgs are the arguments of backup: none.
type BackupArgs struct{}

// Backup returns the kind backup, which creates a backup.
func Backup(backups Backups) task.Kind {
	k := task.Kind{
		Name: "backup", Version: 1, Timeout: backupTimeout, MaxAttempts: 3, Backoff: time.Minute, Concurrency: 1, InBytes: true,
		Summary: "Writes a backup to BACKUP_DIR, verifies it, and deletes old ones.", Example: `{}`,
	}
	return task.Define(k, func(ctx context.Context, job *task.Job, _ BackupArgs) (any, error) {
		return backups.MakeBackup(ctx, func(done int64) { job.Progress(done, 0) })
	})
}
