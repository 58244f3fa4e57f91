package deploycheck

import (
	"io/fs"
	"time"

	"roster/internal/config"
)

// Facts are what the checks look at.
type Facts struct {
	Config   config.Config // valid for Bind
	Bind     string        // the address that serve listens on, "host:port"
	Now      time.Time
	Machine  Machine
	Database Database
	// FailuresPerHour is how many logins THROTTLE_LOGIN lets fail for one account.
	FailuresPerHour int64
}

// Machine is what is known of the machine. What is not known is zero, and
// passes.
type Machine struct {
	IsRoot       bool        // this process may do anything
	OpenFiles    uint64      // how many files and connections a process may have open
	DotenvMode   fs.FileMode // of .env
	DatabaseMode fs.FileMode // of the SQLite file
	FileSystem   string      // what keeps the SQLite file, where that is a network: "nfs"
	DiskSize     int64       // of the file system of the SQLite file, in bytes
	DiskFree     int64       // of DiskSize, for this user
}

// Database is what is known of the database. With Reached false nothing is, and
// the checks pass that look at it.
type Database struct {
	Reached        bool
	Pending        int       // migrations
	Superusers     int       // active accounts that may do everything
	DeadTasks      int64     // that wait for a person
	Workers        int       // that run tasks now
	MaxConnections int       // of the MySQL server, 0 where not known
	LastBackup     time.Time // that was read back; zero: none was made
}
