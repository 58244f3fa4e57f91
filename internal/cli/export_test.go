package cli

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"roster/internal/config"
	"roster/internal/httpkit/session"
	"roster/internal/job"
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
	env := &environment{environ: environ}
	conf, err := env.settings()
	if err != nil {
		t.Fatal(err)
	}
	a, err := newApp(env, conf, bind)
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

// JobMail returns what sends the mail of tasks by settings.
func JobMail(t *testing.T, environ ...string) job.Mailer {
	t.Helper()
	conf, err := (&environment{environ: environ}).settings()
	if err != nil {
		t.Fatal(err)
	}
	mails, err := newJobMail(conf, newMailer(conf, nil))
	if err != nil {
		t.Fatal(err)
	}
	return mails
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
