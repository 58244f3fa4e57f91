package cli

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"roster/internal/config"
	"roster/internal/httpkit/session"
	"roster/internal/store"
)

// ReportText writes a report of takeover --check for people.
var ReportText = reportText

// Served is what serve answers with.
type Served struct {
	http.Handler

	Store *store.Store
	Paths []string // of all routes
}

// Serve opens what serve does on an address, with settings, until the test ends.
func Serve(t *testing.T, bind string, environ ...string) Served {
	t.Helper()
	a, err := newApp(&environment{environ: environ}, bind)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.close(); err != nil {
			t.Error(err)
		}
	})
	if err := a.open(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	staff, err := newStaff(a.config, a.store, a.log, nil)
	if err != nil {
		t.Fatal(err)
	}
	router, err := a.newRouter(staff, session.NewKeeper(staff.sessions, a.log))
	if err != nil {
		t.Fatal(err)
	}
	return Served{a.handler, a.store, router.Paths()}
}

// UpgradeReport and UpgradeChange are what upgrade tells.
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
