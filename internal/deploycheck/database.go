package deploycheck

import (
	"fmt"
	"net/netip"
	"strings"

	"roster/internal/config"
	"roster/internal/finding"
)

// maxPoolShare is the part of a server's connections, in percent, that one
// process may take: a second one must fit beside it while it is replaced.
const maxPoolShare = 45

// databaseRules are about where the users are kept.
var databaseRules = []rule{
	{
		id: "database.sqlite", severity: finding.Info, title: "The database is a SQLite file",
		reason: "It is fast and safe on one machine. Servers on several machines cannot share it.",
		remedy: "Nothing for one machine; DB_ENGINE=mysql for several.",
		wrong:  func(f Facts) bool { return f.Config.DBEngine == config.SQLite },
	},
	{
		id: "database.network-file", severity: finding.Error, title: "The SQLite file is on a network file system",
		reason: "Locks do not hold there, and WAL needs shared memory: the file will be damaged. See SQLite's documentation, \"SQLite Over a Network\".",
		remedy: "Move it to a local disk, or use DB_ENGINE=mysql.",
		wrong:  func(f Facts) bool { return f.Machine.FileSystem != "" },
		about:  func(f Facts) string { return f.Machine.FileSystem },
	},
	{
		id: "database.clear", severity: finding.Error, title: "DB_TLS is off, and the server is another machine",
		reason: "The password's proof, all users and the hashes of staff passwords cross the network in the clear.",
		remedy: "Set DB_TLS=on, or to the file with the server's CA certificate.",
		wrong: func(f Facts) bool {
			return usesMySQL(f) && f.Config.DBTLS == config.TLSOff && !isHere(f.Config.DBHost)
		},
	},
	{
		id: "database.root", severity: finding.Warning, title: "Roster works as MySQL's root",
		reason: "A fault anywhere reaches every database of the server.",
		remedy: "Make a user of its own with all rights on this database alone, and no others.",
		wrong:  func(f Facts) bool { return usesMySQL(f) && strings.EqualFold(f.Config.DBUser, "root") },
	},
	{
		id: "database.no-password", severity: finding.Error, title: "DB_PASSWORD is empty",
		reason: "Whoever reaches the server has all users.",
		remedy: "Give the database's user a password.",
		wrong:  func(f Facts) bool { return usesMySQL(f) && f.Config.DBPassword.Reveal() == "" },
	},
	{
		id: "database.auto-migrate", severity: finding.Warning, title: "AUTO_MIGRATE changes the schema when a server starts",
		reason: "Of several servers the first one that starts changes the database for all, at a time that nobody chose.",
		remedy: "Set AUTO_MIGRATE=false and run roster migrate as a step of its own.",
		wrong:  func(f Facts) bool { return usesMySQL(f) && f.Config.AutoMigrate },
	},
	{
		id: "database.pool", severity: finding.Warning, title: "One server may use up the connections of MySQL",
		reason: "DB_POOL_SIZE and DB_MAX_OVERFLOW together are so close to max_connections that a second server, or the next one of a restart, would be refused.",
		remedy: "Lower DB_POOL_SIZE and DB_MAX_OVERFLOW, or raise max_connections.",
		wrong:  func(f Facts) bool { return takesTooMany(f) },
		about: func(f Facts) string {
			return fmt.Sprintf("%d of %d", f.Config.DBPoolSize+f.Config.DBMaxOverflow, f.Database.MaxConnections)
		},
	},
	{
		id: "database.pending", severity: finding.Error, title: "Migrations are pending",
		reason: "The program and the database do not fit together yet.",
		remedy: "Run roster migrate; roster migrate --plan names them.",
		wrong:  func(f Facts) bool { return f.Database.Pending > 0 },
		about:  func(f Facts) string { return fmt.Sprintf("%d pending", f.Database.Pending) },
	},
}

func takesTooMany(f Facts) bool {
	most := f.Database.MaxConnections
	return most > 0 && 100*(f.Config.DBPoolSize+f.Config.DBMaxOverflow) > maxPoolShare*most
}

// isHere reports whether a host is this machine.
func isHere(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}
