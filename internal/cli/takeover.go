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
	Check  bool `help:"Report whether Roster can work on the database of a Django system. Nothing is written."`
	JSON   bool `name:"json" help:"Write the report as JSON."`
	Strict bool `help:"Fail on warnings too."`
}

// Validate refuses the command without --check: nothing else has to be done.
func (c *takeoverCommand) Validate() error {
	if !c.Check {
		return errors.New("needs --check, which only reads; the takeover itself is roster migrate and roster serve")
	}
	return nil
}

// Run writes the report to the standard output. It fails when the report has an
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

// inspect judges the database that the settings name.
func inspect(ctx context.Context, conf config.Config) (report takeover.Report, err error) {
	judge := func(ctx context.Context, source takeover.Source) (err error) {
		report, err = takeover.Inspect(ctx, source, takeover.Options{Recycle: conf.PoolRecycle(), Now: time.Now()})
		return err
	}
	if conf.DBEngine == config.MySQL {
		err = examine.MySQL(ctx, server.MySQLOptions(conf), judge)
	} else {
		err = examine.SQLite(ctx, conf.DBName, judge)
	}
	return report, err
}

// headings of the severities, as a person reads them.
var headings = [...]struct {
	severity finding.Severity
	title    string
}{
	{finding.Error, "Errors: these must be mended"},
	{finding.Warning, "Warnings: Roster works, but read these"},
	{finding.Info, "For information"},
}

// reportText returns the report for people.
func reportText(report takeover.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Database: %s %s\n", report.Engine, report.Version)
	writeFindings(&b, report.Findings)
	fmt.Fprintf(&b, "\n%s\n", report.Verdict())
	return b.String()
}

// writeFindings writes what was found, under a heading for each severity.
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

// reportWidth is how long a line of the report may become, in characters.
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

// printable returns a text without what would steer a terminal: names come from
// the database.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// writeField writes a name and a text, which continues below itself.
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
