package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"roster/internal/config"
	"roster/internal/server"
	"roster/internal/store"
)

type upgradeCommand struct {
	Check bool `help:"Show what this version would change in the database, without changes."`
	JSON  bool `name:"json" help:"Write the report as JSON."`
}

// Validate requires --check: the upgrade itself is migrate.
func (c *upgradeCommand) Validate() error {
	if !c.Check {
		return errors.New("needs --check, which only reads; the upgrade itself is roster migrate, and then a restart of each process")
	}
	return nil
}

// upgradeReport lists what this version would change. Scripts rely on its JSON
// form; format increases when the meaning of a field changes.
type upgradeReport struct {
	Format     int             `json:"format"`
	Version    string          `json:"version"`
	Migrations []upgradeChange `json:"migrations"`
	// Beside reports whether the previous version works on the upgraded
	// database: old and new processes may run concurrently.
	Beside bool `json:"beside"`
}

type upgradeChange struct {
	Name   string `json:"name"`
	About  string `json:"about"`
	Breaks bool   `json:"breaks"`
}

// Run is called with the new version before it replaces the old one.
func (c *upgradeCommand) Run(ctx context.Context, env *environment) error {
	conf, err := env.settings()
	if err != nil {
		return err
	}
	if err := judgeSettings(conf, ""); err != nil {
		return err
	}
	pending, err := server.Pending(ctx, conf)
	if err != nil {
		return err
	}
	migrations, err := store.Describe(conf.DBEngine == config.MySQL, pending)
	if err != nil {
		return err
	}
	report := upgradeReport{Format: 1, Version: buildVersion(), Migrations: []upgradeChange{}, Beside: true}
	for _, m := range migrations {
		report.Migrations = append(report.Migrations, upgradeChange(m))
		report.Beside = report.Beside && !m.Breaks
	}
	return writeReport(env.Out, report, c.JSON, func(b *strings.Builder) { writeUpgrade(b, report, conf) })
}

func writeUpgrade(b *strings.Builder, r upgradeReport, conf config.Config) {
	fmt.Fprintf(b, "Version: %s\n", r.Version)
	if len(r.Migrations) == 0 {
		b.WriteString("\nThe database does not change. Restart the processes with this version, one at a time.\n")
		return
	}
	for _, m := range r.Migrations {
		fmt.Fprintf(b, "\n  %s\n", m.Name)
		writeField(b, "what", m.About)
		if m.Breaks {
			writeField(b, "breaks", "older versions refuse the database after this migration")
		}
	}
	fmt.Fprintf(b, "\nMigrations: %d; %s.\n", len(r.Migrations), whoMigrates(conf))
	if r.Beside {
		b.WriteString("The previous version works on the upgraded database: migrate first, then restart the processes one at a time.\n")
		return
	}
	b.WriteString("Stop every process of the previous version, create a backup, migrate, then start this version.\n")
}
