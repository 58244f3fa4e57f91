// Package machine gathers the facts about the machine for package deploycheck.
package machine

import (
	"io/fs"
	"os"
	"path/filepath"

	"roster/internal/deploycheck"
)

// Read returns the facts about this machine. dotenv is the path of the settings
// file, database that of the SQLite file, or "". Neither needs to exist.
// Unavailable facts are zero.
func Read(dotenv, database string) deploycheck.Machine {
	m := deploycheck.Machine{IsRoot: os.Geteuid() == 0, OpenFiles: openFiles(), DotenvMode: modeOf(dotenv)}
	if database != "" {
		m.DatabaseMode = modeOf(database)
		m.FileSystem, m.DiskSize, m.DiskFree = diskOf(filepath.Dir(database))
	}
	return m
}

// Disk returns the bytes of the file system of a directory, and those that this
// user can still write; zeros if unknown.
func Disk(folder string) (size, free int64) {
	_, size, free = diskOf(folder)
	return size, free
}

func modeOf(path string) fs.FileMode {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Mode()
}
