package cli

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"roster/internal/config"
)

// ReportText writes a report of takeover --check for people.
var ReportText = reportText

// UpgradeReport and UpgradeChange are the report of upgrade.
type (
	UpgradeReport = upgradeReport
	UpgradeChange = upgradeChange
)

// UpgradeText returns the report for people, on SQLite.
func UpgradeText(r UpgradeReport) string {
	var b strings.Builder
	writeUpgrade(&b, r, config.Config{DBEngine: config.SQLite})
	return b.String()
}

// Model returns the model of all commands.
func Model(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := kong.New(&grammar{}, kong.Name("roster"), kong.Vars{"version": ""})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}
