package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/admin/resources"
	"roster/internal/admin/site"
	"roster/internal/auth"
	"roster/internal/config"
	"roster/internal/job"
	"roster/internal/metrics"
	"roster/internal/store"
	"roster/internal/task"
	"roster/internal/user"
)

// Served is what a serving process answers with.
type Served struct {
	http.Handler

	Store  *store.Store
	Paths  []string // of all routes
	Forget func()   // has the server look up tokens again
	Texts  []string // of the descriptions of the admin site
}

// Serve opens what serve opens on an address, with settings, until the test ends.
func Serve(t *testing.T, bind string, environ ...string) Served {
	t.Helper()
	r, err := newRunner(Options{Process: Process{Config: load(t, environ), Version: "test", Console: io.Discard}, Log: io.Discard, Bind: bind})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	})
	if err := r.open(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	router, err := r.front.newRouter(r.services, nil, r.front.keeper(r.services))
	if err != nil {
		t.Fatal(err)
	}
	forget := func() { r.services.Tokens.Forget(); r.services.JWTs.Forget() }
	texts := site.New(site.Options{
		Resources: siteResources(r.services, nil, func(context.Context, access.Actor, int64) error { return nil }, time.Now),
		Views:     []site.View{resources.Overview(r.services.Tasks, r.services.Schedules, time.Now)},
	}).Texts()
	return Served{r.front.handler, r.services.Store, router.Paths(), forget, texts}
}

// PagesURL returns the URL that a server logs for a listener.
func PagesURL(t *testing.T, bind string, environ ...string) string {
	t.Helper()
	address, err := net.ResolveTCPAddr("tcp", bind)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{Process: &Process{Config: load(t, environ)}, bind: bind}
	return f.pagesURL(address)
}

// Starting is a server whose database is not open.
type Starting struct {
	http.Handler

	runner *runner
}

// Unopened is a server that started some time ago and has not opened its database.
func Unopened(t *testing.T, ago time.Duration) Starting {
	t.Helper()
	environ := []string{"DB_NAME=" + t.TempDir() + "/db.sqlite3", "LOG_DIR="}
	r, err := newRunner(Options{Process: Process{Config: load(t, environ), Version: "test", Console: io.Discard}, Log: io.Discard, Bind: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	})
	r.front.started = time.Now().Add(-ago)
	return Starting{r.front.handler, r}
}

// Open opens the database.
func (s Starting) Open(t *testing.T) {
	t.Helper()
	if err := s.runner.open(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, environ []string) config.Config {
	t.Helper()
	conf, err := config.Load(environ, ".env")
	if err != nil {
		t.Fatal(err)
	}
	return conf
}

// JobMail returns what sends the mail of tasks by settings.
func JobMail(t *testing.T, environ ...string) job.Mailer {
	t.Helper()
	conf := load(t, environ)
	mails, err := newJobMail(conf, NewMailer(conf, io.Discard), user.NewSubscriptions(nil, auth.NewKeys(conf.SecretKey.Reveal()), nil, nil).Token)
	if err != nil {
		t.Fatal(err)
	}
	return mails
}

// shown returns a Show that adds up values by their labels.
func shown() (metrics.Show, map[string]float64) {
	values := map[string]float64{}
	return func(_ metrics.Family, value float64, labels ...string) { values[fmt.Sprint(labels)] += value }, values
}

// ShowSchedules returns the sum of the last run and the lateness, by label.
func ShowSchedules(all []task.Punctuality) map[string]float64 {
	show, values := shown()
	showSchedules(show, all)
	return values
}

// ShowBacklog returns the number of tasks and the age of queues, by labels.
func ShowBacklog(backlog []task.Backlog, kinds []string, now time.Time) map[string]float64 {
	show, values := shown()
	showBacklog(show, backlog, kinds, now)
	return values
}

// Load returns the settings of an environment.
func Load(t *testing.T, environ ...string) config.Config {
	t.Helper()
	return load(t, environ)
}
