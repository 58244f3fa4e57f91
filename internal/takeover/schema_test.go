package takeover_test

import (
	"testing"

	"roster/internal/takeover"
)

// change has fn change the tables of a healthy database.
func change(name string, fn func(t *takeover.Table)) *fake {
	f := healthy()
	table := f.Tables[name]
	fn(&table)
	f.Tables[name] = table
	return f
}

func TestSchema_Drift(t *testing.T) {
	t.Parallel()
	const beat = "django_celery_beat_intervalschedule"
	for _, c := range []struct {
		table  string
		change func(t *takeover.Table)
		want   []string
	}{
		{beat, func(t *takeover.Table) { t.Columns = t.Columns[:2] },
			[]string{"error schema.column.missing: " + beat + ".period: the column is missing (1) "}},
		{beat, func(t *takeover.Table) { t.Columns[1].Type = "VARCHAR(100)" }, nil},
		{beat, func(t *takeover.Table) { t.Columns[1].Type = "varchar(99)" },
			[]string{"warning schema.column.type: " + beat + ".every: the type is varchar(99) (1) "}},
		{beat, func(t *takeover.Table) { t.Columns[0].Type = "int(11)" }, nil},
		{beat, func(t *takeover.Table) { t.Columns[0].Type = "bigint" },
			[]string{"info schema.column.type: " + beat + ".id: the type is bigint (1) "}},
		{beat, func(t *takeover.Table) { t.Columns[0].Type = "int(10) unsigned" },
			[]string{"info schema.column.type: " + beat + ".id: the type is int(10) unsigned (1) "}},
		{beat, func(t *takeover.Table) { t.Columns[0].Type = "smallint" },
			[]string{"warning schema.column.type: " + beat + ".id: the type is smallint (1) "}},
		{beat, func(t *takeover.Table) { t.Columns[0].Counts = false },
			[]string{"error schema.column.counts: " + beat + ".id: the column has no auto-increment (1) "}},
		{beat, func(t *takeover.Table) { t.Columns[2].Nullable = true },
			[]string{"warning schema.column.null: " + beat + ".period: the column allows NULL (1) "}},
		{beat, func(t *takeover.Table) { t.Columns = append(t.Columns, takeover.Column{Name: "hat", Type: "text"}) },
			[]string{"error schema.column.unexpected: " + beat + ".hat: Django makes no such column (1) "}},
		{beat, func(t *takeover.Table) { t.Columns = append(t.Columns, takeover.Column{Name: "hat", Nullable: true}) },
			[]string{"info schema.column.unexpected: " + beat + ".hat: Django makes no such column (1) "}},
		{beat, func(t *takeover.Table) { t.Columns = append(t.Columns, takeover.Column{Name: "hat", Default: true}) },
			[]string{"info schema.column.unexpected: " + beat + ".hat: Django makes no such column (1) "}},
		{"t_users", func(t *takeover.Table) { t.Columns = append(t.Columns, takeover.Column{Name: "hat", Nullable: true}) },
			[]string{"info schema.column.unexpected: t_users.hat: Django makes no such column (1) "}},
		{"t_users", func(t *takeover.Table) { t.Columns = append(t.Columns, takeover.Column{Name: "hat", Type: "text"}) },
			[]string{"error schema.column.unexpected: t_users.hat: Django makes no such column (1) "}},
		{beat, func(t *takeover.Table) { t.Indexes = t.Indexes[:2] },
			[]string{"warning schema.index.missing: " + beat + " (every, period): the index is missing (1) "}},
		{beat, func(t *takeover.Table) { t.Indexes[1].Unique = false },
			[]string{"error schema.index.missing: " + beat + " (every): the unique index is missing (1) "}},
		{beat, func(t *takeover.Table) { t.Indexes[2].Columns = []string{"every", "period", "id"} }, nil},
		{beat, func(t *takeover.Table) { t.Storage = "MyISAM" },
			[]string{"error mysql.storage: Tables do not use InnoDB (1) " + beat + " (MyISAM)"}},
		{beat, func(t *takeover.Table) { t.Storage, t.Columns[2].Charset = "InnoDB", "utf8mb3" },
			[]string{"warning mysql.charset: Texts are not stored in utf8mb4 (1) " + beat + ".period (utf8mb3)"}},
	} {
		wantLines(t, change(c.table, c.change), c.want...)
	}
}

func TestSchema_NullWhereDjangoTakesIt(t *testing.T) {
	t.Parallel()
	f := healthy()
	f.Expected["django_celery_beat_intervalschedule"].Columns[1].Nullable = true
	wantLines(t, f, "error schema.column.null: django_celery_beat_intervalschedule.every: the column does not allow NULL (1) ")
}

// TestSchema_UniqueInAnyOrder: a unique index holds what it holds whatever the
// order of its columns.
func TestSchema_UniqueInAnyOrder(t *testing.T) {
	t.Parallel()
	f := healthy()
	const beat = "django_celery_beat_intervalschedule"
	f.Expected[beat].Indexes[1].Columns = []string{"every", "period"}
	f.Tables[beat].Indexes[1].Columns = []string{"period", "every"}
	wantLines(t, f)
}

func TestSchema_MissingTables(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"t_users":                             "error schema.table.missing: The table t_users is missing (1) ",
		"auth_user":                           "warning schema.table.missing: The table auth_user is missing (1) ",
		"django_celery_beat_intervalschedule": "info schema.table.missing: The table django_celery_beat_intervalschedule is missing (1) ",
	} {
		f := healthy()
		delete(f.Tables, name)
		wantLines(t, f, want)
	}
}

func TestSchema_OtherTables(t *testing.T) {
	t.Parallel()
	f := healthy()
	for _, name := range []string{"shop_f", "shop_e", "shop_d", "shop_c", "shop_b", "shop_a", "roster_migrations"} {
		f.Tables[name] = takeover.Table{}
	}
	wantLines(t, f, "info schema.table.other: There are tables of other apps (6) shop_a; shop_b; shop_c; shop_d; shop_e")
}

func TestIDs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		columnType string
		last       int64
		want       []string
	}{
		{"int", 1717986917, nil},
		{"int", 1717986918, []string{"warning ids.nearly-used: t_users.id: the ids are running out (1717986918) "}},
		{"int", 2147483647, []string{"error ids.used-up: t_users.id: no ids are left (2147483647) "}},
		{"int unsigned", 2147483647, nil},
		{"smallint", 32767, []string{"error ids.used-up: t_users.id: no ids are left (32767) "}},
		{"bigint", 1 << 62, nil},
		{"bigint unsigned", 1 << 62, nil},
		{"bigint", 9e18, []string{"warning ids.nearly-used: t_users.id: the ids are running out (9000000000000000000) "}},
		{"varchar(32)", 9e18, nil},
	} {
		f := change("t_users", func(t *takeover.Table) { t.Columns[0].Type, t.LastID = c.columnType, c.last })
		f.Expected["t_users"].Columns[0].Type = c.columnType
		wantLines(t, f, c.want...)
	}
}

func TestMigrations(t *testing.T) {
	t.Parallel()
	f := healthy()
	f.rows["django_migrations"] = []map[string]string{
		{"app": "sessions", "name": "0001_initial"}, {"app": "contenttypes", "name": "0001_initial"},
		{"app": "users", "name": "0001_initial"}, {"app": "users", "name": "0002_hat"}, {"app": "shop", "name": "0001_initial"},
	}
	wantLines(t, f,
		"warning django.migrations.pending: Django migrations are not applied (1) contenttypes.0002_remove_content_type_name",
		"info django.migrations.own: The app users has additional migrations (1) users.0002_hat")
	f.rows["django_migrations"] = []map[string]string{{"app": "sessions", "name": "0001_initial"}, {"app": "sessions", "name": "0002_hat"}}
	wantLines(t, f, "warning django.migrations.newer: Migrations of a newer Django are applied (1) sessions.0002_hat")
	delete(f.Tables, "django_migrations")
	wantLines(t, f, "warning django.migrations.none: Django's list of migrations is missing (0) ")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"read_only": "0", "innodb_flush_log_at_trx_commit": "1", "sync_binlog": "1", "log_bin": "1", "time_zone": "SYSTEM", "system_time_zone": "UTC",
		"sql_mode": "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES", "max_allowed_packet": "67108864", "wait_timeout": "86400",
		"lower_case_table_names": "0", "character_set_database": "utf8mb4",
	}
	for _, c := range []struct {
		bad  map[string]string
		want []string
	}{
		{nil, nil},
		{map[string]string{"read_only": "1"}, []string{"error mysql.read_only: read_only is 1 (1) "}},
		{map[string]string{"innodb_flush_log_at_trx_commit": "2"},
			[]string{"warning mysql.innodb_flush_log_at_trx_commit: innodb_flush_log_at_trx_commit is 2 (1) "}},
		{map[string]string{"sync_binlog": "0"}, []string{"warning mysql.sync_binlog: sync_binlog is 0 (1) "}},
		{map[string]string{"sync_binlog": "0", "log_bin": "0"}, nil},
		{map[string]string{"sql_mode": ""}, []string{"warning mysql.sql_mode: sql_mode is empty (1) "}},
		{map[string]string{"sql_mode": "STRICT_ALL_TABLES"}, nil},
		{map[string]string{"max_allowed_packet": "1048575"}, []string{"warning mysql.max_allowed_packet: max_allowed_packet is 1048575 (1) "}},
		{map[string]string{"max_allowed_packet": "1048576"}, nil},
		{map[string]string{"wait_timeout": "28800"}, []string{"info mysql.wait_timeout: wait_timeout is 28800 (1) "}},
		{map[string]string{"system_time_zone": "CET"}, []string{"info mysql.time_zone: time_zone is SYSTEM (1) "}},
		{map[string]string{"time_zone": "+02:00"}, []string{"info mysql.time_zone: time_zone is +02:00 (1) "}},
		{map[string]string{"time_zone": "+00:00", "system_time_zone": "CET"}, nil},
		{map[string]string{"lower_case_table_names": "1"}, []string{"info mysql.lower_case_table_names: lower_case_table_names is 1 (1) "}},
		{map[string]string{"character_set_database": "latin1"}, []string{"info mysql.character_set_database: character_set_database is latin1 (1) "}},
	} {
		f := healthy()
		f.Settings = with(good, c.bad)
		wantLines(t, f, c.want...)
		f.Engine = takeover.SQLite
		wantLines(t, f)
	}
}

func TestSchema_References(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]string{
		"NO ACTION": "warning schema.references.kept: Rows of other tables keep users or accounts from being deleted (1) orders.user_id (t_users)",
		"RESTRICT":  "warning schema.references.kept: Rows of other tables keep users or accounts from being deleted (1) orders.user_id (t_users)",
		"CASCADE":   "warning schema.references.deleted: Rows of other tables are deleted with users or accounts (1) orders.user_id (t_users)",
		"SET NULL":  "info schema.references.cleared: Rows of other tables lose their reference when a user or account is deleted (1) orders.user_id (t_users)",
	} {
		f := healthy()
		f.References = []takeover.Reference{
			{Table: "orders", Column: "user_id", To: "t_users", Rule: rule},
			{Table: "django_celery_beat_intervalschedule", Column: "user_id", To: "t_users", Rule: rule}, // Django's own
		}
		wantLines(t, f, want)
	}
}
