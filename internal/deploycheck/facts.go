package deploycheck

import (
	"io/fs"
	"time"

	"roster/internal/config"
)

// Facts are the input of the checks.
type Facts struct {
	Config   config.Config // valid for Bind
	Bind     string        // the address that serve listens on, "host:port"
	Now      time.Time
	Machine  Machine
	Database Database
	// FailuresPerHour is how many failed logins THROTTLE_LOGIN allows per
	// account.
	FailuresPerHour int64
}

// Machine describes the machine. Unknown values are zero, and pass.
type Machine struct {
	IsRoot       bool        // the process runs as root
	OpenFiles    uint64      // limit of open files and connections
	DotenvMode   fs.FileMode // of .env
	DatabaseMode fs.FileMode // of the SQLite file
	FileSystem   string      // of the SQLite file, if it is a network file system: "nfs"
	DiskSize     int64       // of the file system of the SQLite file, in bytes
	DiskFree     int64       // of DiskSize, for this user
}

// Database describes the database. If Reached is false, nothing is known, and
// checks of the database pass.
type Database struct {
	Reached        bool
	Pending        int       // migrations
	Superusers     int       // active superusers
	LastingTokens  int64     // API tokens that never expire
	DeadTasks      int64     // to be retried or canceled
	Workers        int       // currently running
	MaxConnections int       // of the MySQL server, 0 if unknown
	LastBackup     time.Time // time of the last verified backup; zero: none
}
