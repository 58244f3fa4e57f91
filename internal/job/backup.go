package job

import (
	"context"
	"time"

	"roster/internal/task"
)

// backupTimeout is how long a backup may take.
const backupTimeout = 6 * time.Hour

// MadeBackup is a backup that was made and read back.
type MadeBackup struct {
	Created time.Time `json:"created"` // of the data in it
	File    string    `json:"file"`
	Bytes   int64     `json:"bytes"` // of its content
	Rows    int64     `json:"rows"`
	Removed []string  `json:"removed,omitempty"` // names of backups that are not kept any more
}

// Backups makes backups.
type Backups interface {
	// MakeBackup writes a backup where the settings say, reads it back, notes that
	// it is good, and then removes older ones that are not kept. The error is
	// Unprocessable when the settings name no place. progress is told how many
	// bytes were read.
	MakeBackup(ctx context.Context, progress func(done int64)) (MadeBackup, error)
	// LastBackup returns the newest backup that was read back, the zero value when
	// there is none.
	LastBackup(ctx context.Context) (MadeBackup, error)
}

// BackupArgs are the arguments of backup: none.
type BackupArgs struct{}

// Backup returns the kind backup, which makes one.
func Backup(backups Backups) task.Kind {
	k := task.Kind{
		Name: "backup", Version: 1, Timeout: backupTimeout, MaxAttempts: 3, Backoff: time.Minute, Concurrency: 1, InBytes: true,
		Summary: "Writes a backup into BACKUP_DIR, reads it back, and removes those that are too old.", Example: `{}`,
	}
	return task.Define(k, func(ctx context.Context, job *task.Job, _ BackupArgs) (any, error) {
		return backups.MakeBackup(ctx, func(done int64) { job.Progress(done, 0) })
	})
}
