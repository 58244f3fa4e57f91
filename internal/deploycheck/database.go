package deploycheck

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"roster/internal/config"
	"roster/internal/finding"
)

// maxPoolShare is the percentage of a server's connections that one process may
// use: a second one must fit while it is replaced.
const maxPoolShare = 45

// databaseRules check the database settings.
var databaseRules = []rule{
	{
		id: "database.sqlite", severity: finding.Info, title: "The database is a SQLite file",
		reason: "SQLite is fast and safe on one machine. Servers on several machines cannot share it.",
		remedy: "None for one machine; set DB_ENGINE=mysql for several.",
		wrong:  func(f Facts) bool { return f.Config.DBEngine == config.SQLite },
	},
	{
		id: "database.network-file", severity: finding.Error, title: "The SQLite file is on a network file system",
		reason: "Locks are unreliable there, and WAL needs shared memory: the file will be corrupted. See SQLite's documentation, \"SQLite Over a Network\".",
		remedy: "Move it to a local disk, or use DB_ENGINE=mysql.",
		wrong:  func(f Facts) bool { return f.Machine.FileSystem != "" },
		about:  func(f Facts) string { return f.Machine.FileSystem },
	},
	{
		id: "database.clear", severity: finding.Error, title: "DB_TLS is off for a remote server",
		reason: "Authentication, all users and the hashes of staff passwords are sent in clear text.",
		remedy: "Set DB_TLS=on, or to a file with the server's CA certificate.",
		wrong: func(f Facts) bool {
			return usesMySQL(f) && f.Config.DBTLS == config.TLSOff && !isHere(f.Config.DBHost)
		},
	},
	{
		id: "database.root", severity: finding.Warning, title: "Roster connects as MySQL's root",
		reason: "A vulnerability would expose every database of the server.",
		remedy: "Create a user with all privileges on this database only.",
		wrong:  func(f Facts) bool { return usesMySQL(f) && strings.EqualFold(f.Config.DBUser, "root") },
	},
	{
		id: "database.no-password", severity: finding.Error, title: "DB_PASSWORD is empty",
		reason: "Anyone who can reach the server can read all users.",
		remedy: "Set a password for the database user.",
		wrong:  func(f Facts) bool { return usesMySQL(f) && f.Config.DBPassword.Reveal() == "" },
	},
	{
		id: "database.auto-migrate", severity: finding.Warning, title: "AUTO_MIGRATE changes the schema when a server starts",
		reason: "The first server that starts changes the database for all others, at an unplanned time.",
		remedy: "Set AUTO_MIGRATE=false and run roster migrate as a separate step.",
		wrong:  func(f Facts) bool { return usesMySQL(f) && f.Config.AutoMigrate },
	},
	{
		id: "database.pool", severity: finding.Warning, title: "The processes may exhaust MySQL's connections",
		reason: "Each process opens up to DB_POOL_SIZE plus DB_MAX_OVERFLOW connections. With DB_PROCESSES, or the workers that run and this process, max_connections would not suffice, and some would be rejected.",
		remedy: "Lower DB_POOL_SIZE and DB_MAX_OVERFLOW, or raise max_connections. Set DB_PROCESSES to the most processes that run at once, with those of an upgrade.",
		wrong:  func(f Facts) bool { return takesTooMany(f) },
		about: func(f Facts) string {
			return fmt.Sprintf("%d for each of %d processes, of %d", f.Config.DBPoolSize+f.Config.DBMaxOverflow, processes(f), f.Database.MaxConnections)
		},
	},
	{
		id: "database.pending", severity: finding.Error, title: "Migrations are pending",
		reason: "The database does not match the program yet.",
		remedy: "Run roster migrate; roster migrate --plan lists them.",
		wrong:  func(f Facts) bool { return f.Database.Pending > 0 },
		about:  func(f Facts) string { return fmt.Sprintf("%d pending", f.Database.Pending) },
	},
}

func takesTooMany(f Facts) bool {
	most := f.Database.MaxConnections
	pool := f.Config.DBPoolSize + f.Config.DBMaxOverflow
	return most > 0 && (100*pool > maxPoolShare*most || pool*processes(f) > most-reserved)
}

// reserved is how many connections migrations, commands and people need.
const reserved = 5

// processes returns how many processes use the server: DB_PROCESSES, or if more
// are seen, the workers and this one.
func processes(f Facts) int { return max(f.Config.DBProcesses, f.Database.Workers+1) }

// isHere reports whether a host is this machine, or a Unix socket.
func isHere(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || filepath.IsAbs(host) || err == nil && addr.Unmap().IsLoopback()
}
