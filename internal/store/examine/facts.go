package examine

import (
	"database/sql/driver"
	"embed"
	"encoding/json"
	"strings"

	"roster/internal/store/sqldb"
	"roster/internal/takeover"
)

// schemas are Django's tables in the form of takeover.Table: a file per engine,
// which the tests compare with databases created by Django.
//
//go:embed schema
var schemas embed.FS

// facts names the queries that describe a database. The engines
// have different ones, with the same columns.
type facts struct {
	engine  string
	version string

	// tables: name, storage engine, last id.
	tables string
	views  string // their names
	// columns: table, name, type, and as 1 or 0 whether it is nullable, has a
	// default, and is auto-increment; character set.
	columns string
	// indexes: table, whether it is unique as 1 or 0, columns joined by commas.
	indexes string
	// settings: name, value.
	settings string
	// references: table, column, referenced table, ON DELETE of each foreign key.
	references string
	// triggers: name of each that t_users has.
	triggers string
	name     string // name of the database
	grants   string // GRANT statements; "" if not supported
}

var sqliteFacts = facts{
	engine:  takeover.SQLite,
	version: "SELECT sqlite_version()",

	tables: "SELECT name, '', 0 FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name",
	views:  "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name",
	columns: `SELECT t.name, c.name, c.type, c."notnull" = 0 AND c.pk = 0, COALESCE(UPPER(c.dflt_value), 'NULL') <> 'NULL' OR (c.pk = 1 AND lower(c.type) = 'integer'),` +
		` c.pk = 1 AND t.sql LIKE '%autoincrement%', ''` +
		" FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c" +
		" WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY t.name, c.cid",
	// The column of an index on an expression has no name, which joins to NULL.
	indexes: `SELECT t.name, i."unique", (SELECT group_concat(c.name, ',') FROM pragma_index_info(i.name) AS c) AS columns` +
		" FROM sqlite_master AS t JOIN pragma_index_list(t.name) AS i" +
		" WHERE t.type = 'table' AND i.partial = 0 AND columns IS NOT NULL ORDER BY t.name, columns, i.\"unique\"",
	settings: "SELECT 'journal_mode', journal_mode FROM pragma_journal_mode",
	references: `SELECT m.name, f."from", f."table", f.on_delete FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f` +
		" WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq",
	triggers: "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 't_users' ORDER BY name",
	name:     "SELECT ''",
}

var mysqlFacts = facts{
	engine:  takeover.MySQL,
	version: "SELECT VERSION()",

	// Without the hint, the server returns values cached for up to a day.
	tables: "SELECT /*+ SET_VAR(information_schema_stats_expiry = 0) */ table_name, engine, CAST(COALESCE(auto_increment, 1) AS SIGNED) - 1" +
		" FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name",
	views: "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'VIEW' ORDER BY table_name",
	columns: "SELECT table_name, column_name, column_type, is_nullable = 'YES', column_default IS NOT NULL OR extra LIKE '%auto_increment%'" +
		" OR extra LIKE '%GENERATED%', extra LIKE '%auto_increment%', COALESCE(character_set_name, '')" +
		" FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position",
	indexes: "SELECT table_name, MAX(non_unique) = 0, GROUP_CONCAT(column_name ORDER BY seq_in_index) AS columns" +
		" FROM information_schema.statistics WHERE table_schema = DATABASE()" +
		" GROUP BY table_name, index_name HAVING COUNT(column_name) = COUNT(*) ORDER BY table_name, columns, 2",
	settings: mysqlSettings,
	references: "SELECT k.table_name, k.column_name, k.referenced_table_name, r.delete_rule FROM information_schema.key_column_usage AS k" +
		" JOIN information_schema.referential_constraints AS r ON r.constraint_schema = k.constraint_schema" +
		" AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name" +
		" WHERE k.table_schema = DATABASE() AND k.referenced_table_name IS NOT NULL ORDER BY k.table_name, k.column_name",
	// Without the privilege TRIGGER, the server shows none.
	triggers: "SELECT trigger_name FROM information_schema.triggers" +
		" WHERE trigger_schema = DATABASE() AND event_object_table = 't_users' ORDER BY trigger_name",
	name:   "SELECT DATABASE()",
	grants: "SHOW GRANTS",
}

// mysqlSettings selects global variables: those of our own session have the
// values that Roster needs.
const mysqlSettings = "SELECT 'read_only', CAST(@@global.read_only OR @@global.super_read_only AS CHAR)" +
	" UNION ALL SELECT 'innodb_flush_log_at_trx_commit', CAST(@@global.innodb_flush_log_at_trx_commit AS CHAR)" +
	" UNION ALL SELECT 'sync_binlog', CAST(@@global.sync_binlog AS CHAR)" +
	" UNION ALL SELECT 'log_bin', CAST(@@global.log_bin AS CHAR)" +
	" UNION ALL SELECT 'log_bin_trust_function_creators', CAST(@@global.log_bin_trust_function_creators AS CHAR)" +
	" UNION ALL SELECT 'sql_mode', @@global.sql_mode" +
	" UNION ALL SELECT 'max_allowed_packet', CAST(@@global.max_allowed_packet AS CHAR)" +
	" UNION ALL SELECT 'wait_timeout', CAST(@@global.wait_timeout AS CHAR)" +
	" UNION ALL SELECT 'max_connections', CAST(@@global.max_connections AS CHAR)" +
	" UNION ALL SELECT 'time_zone', @@global.time_zone" +
	" UNION ALL SELECT 'system_time_zone', @@global.system_time_zone" +
	" UNION ALL SELECT 'lower_case_table_names', CAST(@@global.lower_case_table_names AS CHAR)" +
	" UNION ALL SELECT 'character_set_database', default_character_set_name FROM information_schema.schemata WHERE schema_name = DATABASE()"

// Tables describes the tables of a database, nothing else. engine is that of
// package takeover.
func Tables(c sqldb.Conn, engine string) (takeover.Database, error) {
	f := sqliteFacts
	if engine == takeover.MySQL {
		f = mysqlFacts
	}
	return f.schema(c)
}

func (f facts) schema(c sqldb.Conn) (d takeover.Database, err error) {
	d = takeover.Database{Engine: f.engine, Tables: make(map[string]takeover.Table), Settings: make(map[string]string)}
	expected, err := schemas.ReadFile("schema/" + f.engine + ".json")
	if err = sqldb.FirstError(err, json.Unmarshal(expected, &d.Expected)); err != nil {
		return d, err
	}
	if d.Views, err = sqldb.Texts(c, f.views); err != nil {
		return d, err
	}
	return d, sqldb.FirstError(f.readTables(c, d), f.readColumns(c, d), f.readIndexes(c, d))
}

func (f facts) database(c sqldb.Conn) (takeover.Database, error) {
	d, err := f.schema(c)
	if err != nil {
		return d, err
	}
	version, err := sqldb.Texts(c, f.version)
	d.Version = strings.Join(version, "")
	return d, sqldb.FirstError(err, f.readReferences(c, &d), f.readSettings(c, d), f.readSearches(c, &d))
}

func (f facts) readSearches(c sqldb.Conn, d *takeover.Database) (err error) {
	name, err := sqldb.Texts(c, f.name)
	if err != nil {
		return err
	}
	d.Name = strings.Join(name, "")
	if d.Triggers, err = sqldb.Texts(c, f.triggers); err != nil || f.grants == "" {
		return err
	}
	d.Grants, err = sqldb.Texts(c, f.grants)
	return err
}

func (f facts) readTables(c sqldb.Conn, d takeover.Database) error {
	return c.Query(f.tables, func(row []driver.Value) error {
		var name string
		var table takeover.Table
		err := sqldb.Scan(row, &name, &table.Storage, &table.LastID)
		d.Tables[name] = table
		return err
	})
}

func (f facts) readColumns(c sqldb.Conn, d takeover.Database) error {
	return c.Query(f.columns, func(row []driver.Value) error {
		var name string
		var column takeover.Column
		err := sqldb.Scan(row, &name, &column.Name, &column.Type, &column.Nullable, &column.Default, &column.Counts, &column.Charset)
		if table, ok := d.Tables[name]; ok { // not a view
			table.Columns = append(table.Columns, column)
			d.Tables[name] = table
		}
		return err
	})
}

func (f facts) readIndexes(c sqldb.Conn, d takeover.Database) error {
	return c.Query(f.indexes, func(row []driver.Value) error {
		var name, columns string
		var index takeover.Index
		err := sqldb.Scan(row, &name, &index.Unique, &columns)
		index.Columns = strings.Split(columns, ",")
		if table, ok := d.Tables[name]; ok {
			table.Indexes = append(table.Indexes, index)
			d.Tables[name] = table
		}
		return err
	})
}

func (f facts) readReferences(c sqldb.Conn, d *takeover.Database) error {
	return c.Query(f.references, func(row []driver.Value) error {
		var r takeover.Reference
		err := sqldb.Scan(row, &r.Table, &r.Column, &r.To, &r.Rule)
		if _, ours := d.Expected[r.To]; ours {
			d.References = append(d.References, r)
		}
		return err
	})
}

func (f facts) readSettings(c sqldb.Conn, d takeover.Database) error {
	return c.Query(f.settings, func(row []driver.Value) error {
		var name, value string
		err := sqldb.Scan(row, &name, &value)
		d.Settings[name] = value
		return err
	})
}
