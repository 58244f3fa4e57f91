package store

import (
	"strings"

	"github.com/pressly/goose/v3"

	"roster/internal/store/index"
	"roster/internal/takeover"
)

// dialect contains the differences between the databases. Everything else is
// the same text for both.
type dialect struct {
	engine     string // of package takeover
	goose      goose.Dialect
	migrations string // directory of the migrations

	createMigrationTable string
	// tableColumns selects the names of the given table's columns, and whether
	// an INSERT must set the column.
	tableColumns string

	// storedColumns selects the names of the columns of t_users that an INSERT may
	// set, and their types; "" if each value has a type of its own.
	storedColumns string

	// columnLimits selects the names of the columns of texts of t_users, their
	// lengths in characters and bytes, and their character sets; "" if there are
	// no limits.
	columnLimits string

	// references selects the foreign keys to a table, for reference. If they may
	// be deferred, only the commit fails.
	references string
	deferred   bool

	forUpdate  string // locks the selected rows until the transaction ends
	skipLocked string // the same, skipping rows locked by other transactions
	deepPage   string // selects a page by offset, limit
	byID       string // after a table: scan it by id; "": let the planner decide
	clock      string // selects the shared clock; "": the machine's clock

	pairAsJSON            func(c column) string // a column as a name and a value of a JSON object
	objectOf, pairsJoined string                // the object of such pairs

	text    func(column string) string           // a column's text, compared by code point
	lines   func(texts []string) string          // the texts, each on a separate line, because no word spans lines
	hasWord func(text string) string             // condition that a text contains a word, given its pattern
	pattern func(word string, at anchors) string // pattern of a word

	equals     func(column, text string) condition // a column's text equals another, by code points
	startsWith func(column, text string) condition // likewise

	index index.Options // the differing options

	countUse   string // see staff.Options
	saveFactor string
}

var sqliteDialect = dialect{
	engine:     takeover.SQLite,
	goose:      goose.DialectSQLite3,
	migrations: "migrations/sqlite",

	// The table is goose's, except for UNIQUE: if two processes migrate
	// concurrently, only one can record a migration, and the other is rolled
	// back.
	createMigrationTable: `CREATE TABLE IF NOT EXISTS roster_migrations (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	version_id INTEGER NOT NULL UNIQUE,
	is_applied INTEGER NOT NULL,
	tstamp TIMESTAMP DEFAULT (datetime('now'))
)`,
	tableColumns: `SELECT name, "notnull" AND pk = 0 AND COALESCE(UPPER(dflt_value), 'NULL') = 'NULL' FROM pragma_table_info(?)`,

	storedColumns: "SELECT name, '' FROM pragma_table_info('t_users')", // without generated ones
	pairAsJSON:    sqlitePair, objectOf: sqliteObject, pairsJoined: sqliteJoined,

	references: `SELECT m.name, f."from", f."table", COALESCE(f."to", ''), f.on_delete FROM sqlite_master AS m` +
		` JOIN pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' AND f."table" = ? COLLATE NOCASE ORDER BY m.name, f.id`,
	deferred: true,

	// The writer locks the whole file.
	forUpdate:  "",
	skipLocked: "",
	// Without statistics, SQLite prefers any index to none, and sorts.
	byID: " NOT INDEXED",
	// SQLite finds the page's first row in the index and reads rows from there.
	deepPage: "SELECT " + userColumns + " FROM t_users WHERE (created_at, id) <=" +
		" (SELECT created_at, id FROM t_users ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET ?)" + newestFirst,

	text:  plainText,
	lines: func(texts []string) string { return strings.Join(texts, " || '\n' || ") },
	// LIKE has no character classes, and only folds ASCII.
	hasWord: func(text string) string { return "LOWER(" + text + ") GLOB ?" },
	pattern: globPattern,

	equals:     equalsPlain,
	startsWith: startsWithPlain,

	index: index.Options{
		Triggers: map[string]string{
			"roster_search_insert": "CREATE TRIGGER IF NOT EXISTS roster_search_insert AFTER INSERT ON t_users" +
				" BEGIN INSERT INTO roster_search_pending (user_id) VALUES (NEW.id); END",
			"roster_search_update": "CREATE TRIGGER IF NOT EXISTS roster_search_update AFTER UPDATE ON t_users" +
				" WHEN " + changed("OLD.%[1]s IS NOT NEW.%[1]s", " OR ") +
				" BEGIN INSERT INTO roster_search_pending (user_id) VALUES (NEW.id); END",
		},
		// Django recreates a table to change a column, which drops its
		// triggers.
		Present: "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 't_users'",
		Certain: true,
		IDs:     "IN (SELECT value FROM json_each(?))",
	},

	countUse: "INSERT INTO roster_counters (counter_key, started, ends, used) VALUES (?, ?, ?, 1) ON CONFLICT (counter_key) DO UPDATE SET" +
		" used = CASE WHEN ends <= ? THEN 1 ELSE used + 1 END," +
		" started = CASE WHEN ends <= ? THEN excluded.started ELSE started END," +
		" ends = CASE WHEN ends <= excluded.started THEN excluded.ends ELSE ends END",
	saveFactor: "INSERT OR REPLACE INTO roster_totp (account_id, secret, confirmed, last_used, recovery) VALUES (?, ?, ?, ?, ?)",
}

var mysqlDialect = dialect{
	engine:     takeover.MySQL,
	goose:      goose.DialectMySQL,
	migrations: "migrations/mysql",

	createMigrationTable: `CREATE TABLE IF NOT EXISTS roster_migrations (
	id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	version_id BIGINT NOT NULL UNIQUE,
	is_applied BOOLEAN NOT NULL,
	tstamp DATETIME NULL DEFAULT CURRENT_TIMESTAMP
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
	// The EXTRA of generated columns, and those with DEFAULT (expression),
	// contains GENERATED.
	tableColumns: "SELECT column_name, is_nullable = 'NO' AND column_default IS NULL AND extra NOT LIKE '%auto_increment%'" +
		" AND extra NOT LIKE '%GENERATED%' FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?" +
		" ORDER BY ordinal_position",

	storedColumns: "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 't_users'" +
		" AND generation_expression = '' ORDER BY ordinal_position",
	pairAsJSON: mysqlPair, objectOf: "JSON_OBJECT(%s)", pairsJoined: ", ",

	columnLimits: "SELECT column_name, character_maximum_length, character_octet_length, character_set_name FROM information_schema.columns" +
		" WHERE table_schema = DATABASE() AND table_name = 't_users' AND character_set_name IS NOT NULL",

	references: "SELECT k.table_name, k.column_name, k.referenced_table_name, k.referenced_column_name, r.delete_rule" +
		" FROM information_schema.key_column_usage AS k JOIN information_schema.referential_constraints AS r" +
		" ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name" +
		" WHERE k.table_schema = DATABASE() AND k.referenced_table_name = ? ORDER BY k.table_name, k.column_name",

	clock:      "SELECT UTC_TIMESTAMP(6)",
	forUpdate:  " FOR UPDATE",
	skipLocked: " FOR UPDATE SKIP LOCKED",
	// MySQL cannot seek into an index by a pair of columns; it reads the page's
	// ids from the index and then their rows. It has no numbered placeholders,
	// but LIMIT offset, limit.
	deepPage: "SELECT " + userColumns + " FROM t_users JOIN" +
		" (SELECT id FROM t_users ORDER BY created_at DESC, id DESC LIMIT ?, ?) AS page USING (id)" +
		" ORDER BY created_at DESC, id DESC",

	text: convertedText,
	// Whether || concatenates depends on sql_mode.
	lines: func(texts []string) string { return "CONCAT(" + strings.Join(texts, ", '\n', ") + ")" },
	// LOWER depends on the server's Unicode version, and truncates texts that
	// grow.
	hasWord: func(text string) string { return "REGEXP_LIKE(" + text + ", ?, 'c')" },
	pattern: regexpPattern,

	equals:     equalsConverted,
	startsWith: startsWithConverted,

	index: index.Options{
		Triggers: map[string]string{
			"roster_search_insert": "CREATE TRIGGER roster_search_insert AFTER INSERT ON t_users" +
				" FOR EACH ROW INSERT INTO roster_search_pending (user_id) VALUES (NEW.id)",
			// Texts that are equal by a collation may differ.
			"roster_search_update": "CREATE TRIGGER roster_search_update AFTER UPDATE ON t_users" +
				" FOR EACH ROW INSERT INTO roster_search_pending (user_id) SELECT NEW.id FROM DUAL WHERE " +
				changed("NOT CAST(OLD.%[1]s AS BINARY) <=> CAST(NEW.%[1]s AS BINARY)", " OR "),
		},
		Present: "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND event_object_table = 't_users'",
		IDs:     "IN (SELECT listed.id FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) AS listed)",
		// A long transaction on t_users would make all others wait behind the
		// creation of the trigger.
		Before: "SET SESSION lock_wait_timeout = 3",
		After:  "SET SESSION lock_wait_timeout = DEFAULT",
	},

	// Assignments are evaluated from left to right, so the end comes last.
	countUse: "INSERT INTO roster_counters (counter_key, started, ends, used) VALUES (?, ?, ?, 1) AS new ON DUPLICATE KEY UPDATE" +
		" used = IF(roster_counters.ends <= ?, 1, roster_counters.used + 1)," +
		" started = IF(roster_counters.ends <= ?, new.started, roster_counters.started)," +
		" ends = IF(roster_counters.ends <= new.started, new.ends, roster_counters.ends)",
	saveFactor: "REPLACE INTO roster_totp (account_id, secret, confirmed, last_used, recovery) VALUES (?, ?, ?, ?, ?)",
}
