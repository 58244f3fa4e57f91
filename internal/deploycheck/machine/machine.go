// Package machine reads what the checks of deploycheck look at from the machine
// that the process runs on.
package machine

import (
	"io/fs"
	"os"
	"path/filepath"

	"roster/internal/deploycheck"
)

// Read returns what is known of this machine: dotenv is the path of the file
// with settings, database that of the SQLite file, or "" where there is none.
// Neither has to exist. What the system does not tell is left out.
func Read(dotenv, database string) deploycheck.Machine {
	m := deploycheck.Machine{IsRoot: os.Geteuid() == 0, OpenFiles: openFiles(), DotenvMode: modeOf(dotenv)}
	if database != "" {
		m.DatabaseMode = modeOf(database)
		m.FileSystem, m.DiskSize, m.DiskFree = diskOf(filepath.Dir(database))
	}
	return m
}

func modeOf(path string) fs.FileMode {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Mode()
}
