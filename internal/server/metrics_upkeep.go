package server

import (
	"context"
	"path/filepath"
	"time"

	"roster/internal/config"
	"roster/internal/deploycheck/machine"
	"roster/internal/metrics"
	"roster/internal/store"
)

// The metrics of what operators must attend to before it fails.
var (
	backupMetric   = metrics.NewGauge("roster_backup_last_success_timestamp_seconds", "Time of the data in the last verified backup, 0 for none.")
	unsealedMetric = metrics.NewGauge("roster_audit_unsealed_seconds", "Age of the oldest audit entry without a seal, 0 when all are sealed.")
	freeMetric     = metrics.NewGauge("roster_disk_free_bytes", "Free space of the file system that holds the database, backups or logs.", "volume")
	sizeMetric     = metrics.NewGauge("roster_disk_size_bytes", "Size of the file system that holds the database, backups or logs.", "volume")
)

// addUpkeep adds the metrics of backups, seals, and disks.
func (m *monitor) addUpkeep(db *store.Store) {
	m.metrics.Add(metrics.Source{Name: "backups", Read: func(ctx context.Context, show metrics.Show) error {
		last, err := db.LastBackup(ctx)
		if err == nil {
			show(backupMetric, secondsOf(last.Created))
		}
		return err
	}})
	m.metrics.Add(metrics.Source{Name: "audit", Read: func(ctx context.Context, show metrics.Show) error {
		oldest, err := db.OldestUnsealed(ctx)
		switch {
		case err != nil:
			return err
		case oldest.IsZero():
			show(unsealedMetric, 0)
		default:
			show(unsealedMetric, max(0, time.Since(oldest).Seconds()))
		}
		return nil
	}})
	m.metrics.Add(metrics.Source{Name: "disks", Read: func(_ context.Context, show metrics.Show) error {
		for volume, folder := range volumes(m.config) {
			if size, free := machine.Disk(folder); size > 0 {
				show(sizeMetric, float64(size), volume)
				show(freeMetric, float64(free), volume)
			}
		}
		return nil
	}})
}

// volumes returns the directories that Roster writes to, by use.
func volumes(c config.Config) map[string]string {
	folders := map[string]string{}
	if c.DBEngine == config.SQLite {
		folders["database"] = filepath.Dir(c.DBName)
	}
	if c.BackupDir != "" {
		folders["backups"] = c.BackupDir
	}
	if c.LogDir != "" {
		folders["logs"] = c.LogDir
	}
	return folders
}

// secondsOf returns a Unix time in seconds, 0 for the zero time.
func secondsOf(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
