package cli_test

import (
	"testing"

	"roster/internal/cli"
)

func TestUpgrade_Text(t *testing.T) {
	t.Parallel()
	adds := cli.UpgradeChange{Name: "00007_more.sql", About: "A table of what was not there before, and an index that finds it."}
	breaks := cli.UpgradeChange{Name: "01000_less.sql", About: "Takes the column x away.", Breaks: true}
	for name, report := range map[string]cli.UpgradeReport{
		"upgrade-nothing.txt": {Version: "v1.2.3", Beside: true},
		"upgrade-adds.txt":    {Version: "v1.2.3", Beside: true, Migrations: []cli.UpgradeChange{adds}},
		"upgrade-breaks.txt":  {Version: "v1.2.3", Migrations: []cli.UpgradeChange{adds, breaks}},
	} {
		wantGolden(t, name, cli.UpgradeText(report))
	}
}
