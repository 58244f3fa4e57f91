package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"roster/internal/config"
	"roster/internal/finding"
	"roster/internal/server"
	"roster/internal/store/examine"
	"roster/internal/takeover"
)

type takeoverCommand struct {
	Check  bool `help:"Report whether Roster can work on the database of a Django system, without changes."`
	JSON   bool `name:"json" help:"Write the report as JSON."`
	Strict bool `help:"Also fail on warnings."`
}

// Validate requires --check: no other action is necessary.
func (c *takeoverCommand) Validate() error {
	if !c.Check {
		return errors.New("needs --check, which only reads; the takeover itself is roster migrate and roster serve")
	}
	return nil
}

// Run writes the report to standard output. It fails if the report has an
// error, or with Strict a warning.
func (c *takeoverCommand) Run(ctx context.Context, env *environment) error {
	conf, err := env.validSettings()
	if err != nil {
		return err
	}
	report, err := inspect(ctx, conf)
	if err != nil {
		return err
	}
	err = writeReport(env.Out, report, c.JSON, func(b *strings.Builder) { b.WriteString(reportText(report)) })
	if err != nil {
		return err
	}
	if report.Findings.Count(finding.Error) > 0 || c.Strict && report.Findings.Count(finding.Warning) > 0 {
		return env.judged(report.Verdict(), c.JSON)
	}
	return nil
}

// inspect inspects the configured database.
func inspect(ctx context.Context, conf config.Config) (report takeover.Report, err error) {
	judge := func(ctx context.Context, source takeover.Source) (err error) {
		report, err = takeover.Inspect(ctx, source, takeover.Options{Recycle: conf.PoolRecycle(), Now: time.Now(), Kinds: server.TaskKinds()})
		return err
	}
	if conf.DBEngine == config.MySQL {
		err = examine.MySQL(ctx, server.MySQLOptions(conf), judge)
	} else {
		err = examine.SQLite(ctx, conf.DBName, judge)
	}
	return report, err
}

// headings of the severities in the text report.
var headings = [...]struct {
	severity finding.Severity
	title    string
}{
	{finding.Error, "Errors: fix these first"},
	{finding.Warning, "Warnings: Roster works, but review these"},
	{finding.Info, "For information"},
}

// reportText returns the text report.
func reportText(report takeover.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Database: %s %s\n", report.Engine, report.Version)
	writeFindings(&b, report.Findings)
	fmt.Fprintf(&b, "\n%s\n", report.Verdict())
	return b.String()
}

// writeFindings writes findings under a heading for each severity.
func writeFindings(b *strings.Builder, found finding.List) {
	for _, heading := range headings {
		if found.Count(heading.severity) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n%s\n", heading.title)
		for _, f := range found {
			if f.Severity == heading.severity {
				writeFinding(b, f)
			}
		}
	}
}

// reportWidth is the maximum line length of the report, in characters.
const reportWidth = 100

func writeFinding(b *strings.Builder, f finding.Finding) {
	fmt.Fprintf(b, "\n  %s\n", printable(f.Title))
	writeField(b, "id", f.ID)
	if f.Count > 0 {
		writeField(b, "count", strconv.FormatInt(f.Count, 10))
	}
	writeField(b, "detail", f.Detail)
	writeField(b, "remedy", f.Remedy)
	writeField(b, "examples", strings.Join(f.Examples, "; "))
}

// printable removes terminal control characters from a text: names come from
// the database.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// writeField writes a name and a text, with continuation lines indented.
func writeField(b *strings.Builder, name, text string) {
	const indent = 14
	line := fmt.Sprintf("    %-*s", indent-4, name)
	empty := true
	for word := range strings.FieldsSeq(printable(text)) {
		if !empty && len([]rune(line))+1+len([]rune(word)) > reportWidth {
			fmt.Fprintln(b, line)
			line, empty = strings.Repeat(" ", indent), true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	if !empty {
		fmt.Fprintln(b, line)
	}
}
