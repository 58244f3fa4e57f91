package deploycheck

import (
	"fmt"
	"log/slog"

	"roster/internal/finding"
)

const (
	// enoughFiles suffices for 4,096 connections and Roster's files.
	enoughFiles = 8192
	// leastFree is the percentage of a disk that must be free.
	leastFree = 10
)

// machineRules check the machine and its logs.
var machineRules = []rule{
	{
		id: "process.root", severity: finding.Warning, title: "This process runs as root",
		reason: "A vulnerability would expose the whole machine.",
		remedy: "Run it as a dedicated user; see docs/deploy.md for units and images.",
		wrong:  func(f Facts) bool { return f.Machine.IsRoot },
	},
	{
		id: "process.open-files", severity: finding.Warning, title: "The limit of open files is low",
		reason: "Each connection uses one file. At the limit, clients are rejected.",
		remedy: fmt.Sprintf("Raise it to %d or more: ulimit -n, or LimitNOFILE in the unit.", enoughFiles),
		wrong:  func(f Facts) bool { return f.Machine.OpenFiles > 0 && f.Machine.OpenFiles < enoughFiles },
		about:  func(f Facts) string { return fmt.Sprintf("the limit is %d", f.Machine.OpenFiles) },
	},
	{
		id: "disk.nearly-full", severity: finding.Warning, title: "The disk of the database is nearly full",
		reason: "Writes fail once it is full. The write-ahead log and backups need space too.",
		remedy: "Free space, or move DB_NAME to a larger disk.",
		wrong: func(f Facts) bool {
			return f.Machine.DiskSize > 0 && f.Machine.DiskFree*100 < f.Machine.DiskSize*leastFree
		},
		about: func(f Facts) string { return fmt.Sprintf("%d MiB are free", f.Machine.DiskFree>>20) },
	},
	{
		id: "log.debug", severity: finding.Warning, title: "LOG_LEVEL is DEBUG",
		reason: "Logs grow fast, and contain more personal data than necessary.",
		remedy: "Set LOG_LEVEL=INFO, and LOG_LEVELS for the component you are debugging.",
		wrong:  func(f Facts) bool { return f.Config.LogLevel.Level() < slog.LevelInfo },
	},
	{
		id: "log.quiet", severity: finding.Warning, title: "LOG_LEVEL excludes warnings",
		reason: "Early signs of failures are not logged.",
		remedy: "Set LOG_LEVEL=INFO.",
		wrong:  func(f Facts) bool { return f.Config.LogLevel.Level() > slog.LevelWarn },
	},
	{
		id: "log.text", severity: finding.Info, title: "Logs are plain text",
		reason: "Log collectors parse JSON reliably.",
		remedy: "Set LOG_FORMAT=json if logs are collected.",
		wrong:  func(f Facts) bool { return f.Config.LogFormat != "json" },
	},
}
