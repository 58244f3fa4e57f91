package takeover

import (
	"context"
	"time"

	"roster/internal/finding"
)

// Options configure an inspection.
type Options struct {
	Recycle time.Duration // DB_POOL_RECYCLE
	Now     time.Time     // reference time for schedules
	Kinds   []string      // of Roster's tasks, which schedules may name
}

// Inspect applies every rule to the database. It fails only if the database
// cannot be read; all findings are in the report.
func Inspect(ctx context.Context, source Source, o Options) (Report, error) {
	database, err := source.Database(ctx)
	if err != nil {
		return Report{}, err
	}
	r := Report{Engine: database.Engine, Version: database.Version}
	if isEmpty(database) {
		r.add(finding.Finding{
			ID: "schema.empty", Severity: finding.Error, Title: "There are no Django tables",
			Detail: "The database has none of the tables that Roster shares with Django.",
			Remedy: "Check DB_NAME. A database without Django needs no takeover: run roster migrate.",
		})
		return r, nil
	}
	r.judgeSchema(database)
	r.judgeIDs(database)
	if database.Engine == MySQL {
		r.Findings = append(r.Findings, JudgeServer(database.Settings, o.Recycle)...)
	}
	r.Findings = append(r.Findings, JudgeSearches(database)...)
	for _, judge := range []func(context.Context, Source, Database) error{
		r.judgeMigrations, r.judgeUsers, r.judgeAccounts,
		func(ctx context.Context, s Source, d Database) error { return r.judgeSchedules(ctx, s, d, o) },
	} {
		if err := judge(ctx, source, database); err != nil {
			return Report{}, err
		}
	}
	r.Findings.Sort()
	return r, nil
}
