package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster/internal/auth"
	"roster/internal/config"
	"roster/internal/deploycheck"
	"roster/internal/deploycheck/machine"
	"roster/internal/finding"
	"roster/internal/phrase"
	"roster/internal/query"
	"roster/internal/server"
	"roster/internal/takeover"
	"roster/internal/task"
)

// deployReport is the result of check --deploy. Scripts rely on its JSON form;
// format increases when the meaning of a field changes.
type deployReport struct {
	Format   int          `json:"format"`
	Ready    bool         `json:"ready"`
	Checks   int          `json:"checks"`
	Errors   int          `json:"errors"`
	Warnings int          `json:"warnings"`
	Infos    int          `json:"infos"`
	Findings finding.List `json:"findings"`
}

// verdict summarizes the report in a sentence.
func (r deployReport) verdict() string {
	if len(r.Findings) == 0 {
		return fmt.Sprintf("All %d checks passed.", r.Checks)
	}
	return fmt.Sprintf("%s: %s, %s, %d for information.",
		phrase.Count(r.Checks, "check"), phrase.Count(r.Errors, "error"), phrase.Count(r.Warnings, "warning"), r.Infos)
}

// judgeDeployment runs the production checks, in addition to the earlier
// findings.
func (c *checkCommand) judgeDeployment(ctx context.Context, env *environment, conf config.Config, pending int, before finding.List) (deployReport, error) {
	facts := deploycheck.Facts{Config: conf, Bind: c.Bind, Now: time.Now(), Machine: machine.Read(cmp.Or(env.envFile, ".env"), sqlitePath(conf))}
	failures := conf.ThrottleLogin
	facts.FailuresPerHour = int64(failures.Limit) * int64(time.Hour) / int64(failures.Window)
	database, err := readDatabase(ctx, conf)
	if err != nil {
		return deployReport{}, err
	}
	variables := database.Settings
	facts.Database.Pending = pending
	facts.Database.MaxConnections, _ = strconv.Atoi(variables["max_connections"]) // 0 if absent
	if pending == 0 {
		err := env.withServices(ctx, func(s *server.Services) error { return readDatabaseFacts(ctx, s, &facts.Database) })
		if err != nil {
			return deployReport{}, err
		}
	}
	found, checks := deploycheck.Judge(facts)
	if conf.DBEngine == config.MySQL {
		found = append(found, takeover.JudgeServer(variables, conf.PoolRecycle())...)
	}
	if pending == 0 {
		found = append(found, takeover.JudgeSearches(database)...)
	}
	found = slices.Concat(found, before)
	found.Sort()
	errs, warnings, infos := found.Count(finding.Error), found.Count(finding.Warning), found.Count(finding.Info)
	return deployReport{1, errs == 0, checks, errs, warnings, infos, found}, nil
}

// sqlitePath is the path of the SQLite file, or "".
func sqlitePath(conf config.Config) string {
	if conf.DBEngine != config.SQLite {
		return ""
	}
	return conf.DBName
}

// readDatabaseFacts reads facts from an up-to-date database.
func readDatabaseFacts(ctx context.Context, s *server.Services, facts *deploycheck.Database) error {
	superusers, err := s.Store.CountAccounts(ctx, auth.AccountQuery{IsActive: query.OnlyTrue, IsSuperuser: query.OnlyTrue})
	if err != nil {
		return err
	}
	backup, err := s.Store.LastBackup(ctx)
	if err != nil {
		return err
	}
	tokens, err := s.Store.CountLastingTokens(ctx)
	if err != nil {
		return err
	}
	tasks, err := s.Tasks.Count(ctx, cliActor())
	if err != nil {
		return err
	}
	workers, err := s.Tasks.Workers(ctx, cliActor())
	if err != nil {
		return err
	}
	facts.Superusers, facts.LastBackup, facts.LastingTokens = int(superusers), backup.Created, tokens
	facts.DeadTasks, facts.Workers, facts.Reached = tasks[task.Dead], len(workers), true
	return nil
}

// writeDeployReport writes the report as text or JSON. The error is the verdict
// if there are errors or, with strict, warnings.
func writeDeployReport(env *environment, r deployReport, asJSON, strict bool) error {
	if err := writeReport(env.Out, r, asJSON, func(b *strings.Builder) {
		writeFindings(b, r.Findings)
		fmt.Fprintf(b, "\n%s\n", r.verdict())
	}); err != nil {
		return err
	}
	if r.Errors > 0 || strict && r.Warnings > 0 {
		return env.judged("not ready for production: "+r.verdict(), asJSON)
	}
	return nil
}

// writeReport writes a report as JSON or text.
func writeReport(out io.Writer, report any, asJSON bool, text func(*strings.Builder)) error {
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(report)
	}
	var b strings.Builder
	text(&b)
	_, err := io.WriteString(out, b.String())
	return err
}
