package takeover

import (
	"slices"
	"strings"

	"roster/internal/finding"
)

// isEmpty reports whether there is nothing to take over.
func isEmpty(d Database) bool {
	for name := range d.Tables {
		if name == userTable || strings.HasPrefix(name, "auth_") || strings.HasPrefix(name, "django_") {
			return false
		}
	}
	return true
}

// judgeSchema compares the tables with Django's.
func (r *Report) judgeSchema(d Database) {
	for _, name := range sortedKeys(d.Expected) {
		found, ok := d.Tables[name]
		if !ok && slices.Contains(d.Views, name) {
			r.view(name)
			continue
		}
		if !ok {
			r.missingTable(name)
			continue
		}
		c := comparison{r, name, d.Expected[name], found}
		c.columns()
		c.unexpected()
		c.indexes()
	}
	r.judgeStorage(d)
	r.judgeReferences(d)
	r.otherTables(d)
}

func (r *Report) view(name string) {
	r.add(finding.Finding{
		ID: "schema.table.view", Severity: finding.Error, Title: name + " is a view, not a table", Count: 1,
		Detail: "Roster needs its ids, unique keys and triggers, and writes it in transactions.",
		Remedy: "Rename the view, and give the table its name.",
	})
}

func (r *Report) missingTable(name string) {
	f := finding.Finding{
		ID: "schema.table.missing", Severity: finding.Info, Title: "The table " + name + " is missing", Count: 1,
		Detail: "Its Django app was not installed, or its migrations were not applied.",
		Remedy: "None if Django never had it: roster migrate creates it, empty.",
	}
	switch name {
	case userTable:
		f.Severity, f.Detail = finding.Error, "It holds the users that Roster serves."
		f.Remedy = "Check DB_NAME, and that the model TUser has the table t_users."
	case accountTable:
		f.Severity, f.Detail = finding.Warning, "It holds the staff accounts. Django uses another user model (AUTH_USER_MODEL), which Roster does not read."
		f.Remedy = "Create the staff accounts with roster createsuperuser."
	}
	r.add(f)
}

// comparison compares a table with its definition in Django.
type comparison struct {
	report       *Report
	table        string
	wanted, have Table
}

// add adds a finding about the table, or about its column of.
func (c comparison) add(of string, f finding.Finding) {
	f.ID, f.Title, f.Count = "schema."+f.ID, c.table+of+": "+f.Title, 1
	c.report.add(f)
}

const alterBack = "Change the column back to its definition in Django's migrations."

func (c comparison) columns() {
	for _, wanted := range c.wanted.Columns {
		have, ok := c.have.column(wanted.Name)
		if !ok {
			c.add("."+wanted.Name, finding.Finding{
				ID: "column.missing", Severity: finding.Error, Title: "the column is missing",
				Detail: "Roster needs it as " + wanted.Type + ".", Remedy: "Apply Django's migrations, or add the column.",
			})
			continue
		}
		c.compareType(wanted, have)
		c.compareNull(wanted, have)
		if wanted.Counts && !have.Counts {
			c.add("."+wanted.Name, finding.Finding{
				ID: "column.counts", Severity: finding.Error, Title: "the column has no auto-increment",
				Detail: "New rows would get no id, or the id of a deleted row.",
				Remedy: "Make it AUTO_INCREMENT (MySQL) or AUTOINCREMENT (SQLite), as Django does.",
			})
		}
	}
}

func (c comparison) compareType(wanted, have Column) {
	if plainType(wanted.Type) == plainType(have.Type) {
		return
	}
	severity, detail := finding.Warning, "Values that both systems accept may be truncated or rejected."
	if isInteger(wanted.Type) && isInteger(have.Type) && highest(have.Type) >= highest(wanted.Type) {
		severity, detail = finding.Info, "It has a larger range than Django's, which is harmless."
	}
	if isNumber(wanted.Type) && !isNumber(have.Type) {
		severity, detail = finding.Error, "Roster needs an integer: other types compare and sort differently."
	}
	c.add("."+wanted.Name, finding.Finding{
		ID: "column.type", Severity: severity, Title: "the type is " + have.Type,
		Detail: "Django defines it as " + wanted.Type + ". " + detail, Remedy: alterBack,
	})
}

func (c comparison) compareNull(wanted, have Column) {
	switch {
	case wanted.Nullable && !have.Nullable:
		c.add("."+wanted.Name, finding.Finding{
			ID: "column.null", Severity: finding.Error, Title: "the column does not allow NULL",
			Detail: "Django defines it as NULL, and Roster writes NULL for absent values.", Remedy: alterBack,
		})
	case !wanted.Nullable && have.Nullable:
		c.add("."+wanted.Name, finding.Finding{
			ID: "column.null", Severity: finding.Warning, Title: "the column allows NULL",
			Detail: "Django defines it as NOT NULL. A row without a value cannot be served correctly.", Remedy: alterBack,
		})
	}
}

// unexpected looks at columns that are not Django's. They do no harm if a row can
// be inserted without them.
func (c comparison) unexpected() {
	for _, have := range c.have.Columns {
		if _, ok := c.wanted.column(have.Name); ok {
			continue
		}
		f := finding.Finding{
			ID: "column.unexpected", Severity: finding.Info, Title: "Django makes no such column",
			Detail: "Roster leaves it alone: rows keep their values, and new rows get NULL or the default.",
		}
		if !have.Nullable && !have.Default {
			f.Severity = finding.Error
			f.Detail = "Roster does not know it, and it has no default, so that no row could be inserted."
			f.Remedy = "Give it a default or allow NULL, or move it to another table."
		}
		c.add("."+have.Name, f)
	}
}

func (c comparison) indexes() {
	for _, wanted := range c.wanted.Indexes {
		if slices.ContainsFunc(c.have.Indexes, wanted.isMetBy) {
			continue
		}
		f := finding.Finding{
			ID: "index.missing", Severity: finding.Warning, Title: "the index is missing",
			Detail: "Queries would be slow.", Remedy: "Create the index.",
		}
		if wanted.Unique {
			f.Severity, f.Title = finding.Error, "the unique index is missing"
			f.Detail = "Two requests at the same time could both store the same value."
			f.Remedy = "Create the index, after removing duplicate values."
		}
		c.add(" ("+strings.Join(wanted.Columns, ", ")+")", f)
	}
}

// isMetBy reports whether have serves the purpose of the index.
func (i Index) isMetBy(have Index) bool {
	if i.Unique {
		return have.Unique && slices.Equal(slices.Sorted(slices.Values(i.Columns)), slices.Sorted(slices.Values(have.Columns)))
	}
	return len(have.Columns) >= len(i.Columns) && slices.Equal(have.Columns[:len(i.Columns)], i.Columns)
}

// judgeStorage checks the MySQL storage of the tables.
func (r *Report) judgeStorage(d Database) {
	var engines, charsets examples
	for _, name := range sortedKeys(d.Expected) {
		table := d.Tables[name]
		if table.Storage != "" && table.Storage != "InnoDB" {
			engines.add(name + " (" + table.Storage + ")")
		}
		for _, column := range table.Columns {
			if column.Charset != "" && column.Charset != "utf8mb4" {
				charsets.add(name + "." + column.Name + " (" + column.Charset + ")")
			}
		}
	}
	r.noted(engines, finding.Finding{
		ID: "mysql.storage", Severity: finding.Error, Title: "Tables do not use InnoDB",
		Detail: "They do not support transactions: a failed change may be applied partially.",
		Remedy: "ALTER TABLE … ENGINE=InnoDB.",
	})
	r.noted(charsets, finding.Finding{
		ID: "mysql.charset", Severity: finding.Warning, Title: "Texts are not stored in utf8mb4",
		Detail: "Unsupported characters, such as emoji, are rejected when saving.",
		Remedy: "ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4, with the collation for the unique keys.",
	})
}

// otherTables lists the tables that Roster ignores.
func (r *Report) otherTables(d Database) {
	var others examples
	for _, name := range sortedKeys(d.Tables) {
		if _, ok := d.Expected[name]; !ok && name != migrationTable && !strings.HasPrefix(name, "roster_") {
			others.add(name)
		}
	}
	r.noted(others, finding.Finding{
		ID: "schema.table.other", Severity: finding.Info, Title: "There are tables of other apps",
		Detail: "Roster neither reads nor writes them. Routes and tasks that need them stop with Django.",
	})
}
