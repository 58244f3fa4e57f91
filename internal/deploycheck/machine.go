package deploycheck

import (
	"fmt"
	"log/slog"

	"roster/internal/finding"
)

const (
	// enoughFiles is what 4,096 connections and the files of Roster need.
	enoughFiles = 8192
	// leastFree is the part of a disk, in percent, that must be free.
	leastFree = 10
)

// machineRules are about the machine, and what is written there.
var machineRules = []rule{
	{
		id: "process.root", severity: finding.Warning, title: "This process runs as root",
		reason: "A fault in it reaches the whole machine.",
		remedy: "Run it as a user of its own; docs/deploy.md has units and images that do.",
		wrong:  func(f Facts) bool { return f.Machine.IsRoot },
	},
	{
		id: "process.open-files", severity: finding.Warning, title: "Few files may be open at once",
		reason: "Each connection is one. Clients are refused when the limit is reached.",
		remedy: fmt.Sprintf("Raise it to %d or more: ulimit -n, or LimitNOFILE in the unit.", enoughFiles),
		wrong:  func(f Facts) bool { return f.Machine.OpenFiles > 0 && f.Machine.OpenFiles < enoughFiles },
		about:  func(f Facts) string { return fmt.Sprintf("the limit is %d", f.Machine.OpenFiles) },
	},
	{
		id: "disk.nearly-full", severity: finding.Warning, title: "The disk of the database is nearly full",
		reason: "Writes are refused once it is full. The log before a checkpoint and a backup need room too.",
		remedy: "Make room, or move DB_NAME to a larger disk.",
		wrong: func(f Facts) bool {
			return f.Machine.DiskSize > 0 && f.Machine.DiskFree*100 < f.Machine.DiskSize*leastFree
		},
		about: func(f Facts) string { return fmt.Sprintf("%d MiB are free", f.Machine.DiskFree>>20) },
	},
	{
		id: "log.debug", severity: finding.Warning, title: "LOG_LEVEL is DEBUG",
		reason: "Logs grow fast, and hold more about people than is needed.",
		remedy: "Set LOG_LEVEL=INFO, and LOG_LEVELS for the one component that you look into.",
		wrong:  func(f Facts) bool { return f.Config.LogLevel.Level() < slog.LevelInfo },
	},
	{
		id: "log.quiet", severity: finding.Warning, title: "LOG_LEVEL leaves out warnings",
		reason: "What announces a failure is not written down.",
		remedy: "Set LOG_LEVEL=INFO.",
		wrong:  func(f Facts) bool { return f.Config.LogLevel.Level() > slog.LevelWarn },
	},
	{
		id: "log.text", severity: finding.Info, title: "Logs are for people to read",
		reason: "Programs that collect logs read JSON without guessing.",
		remedy: "Set LOG_FORMAT=json where logs are collected.",
		wrong:  func(f Facts) bool { return f.Config.LogFormat != "json" },
	},
}
