package site_test

import (
	"context"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/admin/resources"
	"roster/internal/admin/site"
	"roster/internal/job"
	"roster/internal/task"
)

// facts are what the sources of the home page say besides the database.
type facts struct {
	lastBackup time.Time
	late       int
	blocked    int64
}

// home returns the home page's source.
func (f *fixture) home() func(context.Context, access.Actor) (site.Home, error) {
	return resources.Home(resources.HomeSources{
		Users: f.users, Tasks: f.tasks, Schedules: f.schedules, Trail: f.trail, Mailings: f.mail().Mailings, Now: func() time.Time { return now },
		LastBackup: func(context.Context) (time.Time, error) { return f.facts.lastBackup, nil },
		Late:       func(context.Context, time.Duration) (int, error) { return f.facts.late, nil },
		Blocked:    func(context.Context) (int64, error) { return f.facts.blocked, nil },
	})
}

var factPattern = regexp.MustCompile(`<dt>([^<]*)</dt><dd><a href="([^"]*)">([^<]*)</a></dd>(?:<dd class="fact-before"><a href="([^"]*)">([^<]*)</a></dd>)?`)

// Every number of the home page is a link to a list of as many records.
func TestHome_NumbersAreLists(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, f *fixture) {
		t.Helper()
		f.insertEvery(10*time.Hour, 150)
		page, found := f.page("/admin/"), 0
		for _, m := range factPattern.FindAllStringSubmatch(page, -1) {
			for _, link := range [][2]string{{m[2], m[3]}, {m[4], strings.SplitN(m[5]+" ", " ", 2)[0]}} {
				if link[0] == "" || m[1] == "Last backup" {
					continue
				}
				found++
				list := f.page(html.UnescapeString(link[0]))
				if want := `<p role="status">` + link[1] + " user"; !strings.Contains(list, want) {
					t.Errorf("%s: the list %s does not say %s", m[1], link[0], want)
				}
			}
		}
		if found != 8 {
			t.Errorf("got %d numbers, want 8: %s", found, page)
		}
	})
}

// The home page reports what needs attention, each with a list that opens.
func TestHome_Attention(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.facts.lastBackup = now.Add(-time.Hour)
	if page := f.page("/admin/"); !strings.Contains(page, "Nothing needs attention") {
		t.Errorf("got %s", page)
	}
	f.facts = facts{late: 1, blocked: 2}
	f.start("noop", `{"milliseconds": 1}`)
	f.fail(t)
	f.start("noop", `{"milliseconds": 1}`)
	f.finish(t, task.Pending, job.MailingPaused+" and 3 recipients will be tried again: 554 no")
	page := f.page("/admin/")
	for _, want := range []string{"1 failed task", "1 paused mailing", "1 missed schedule", "No backup yet", "2 throttled logins"} {
		if !strings.Contains(page, ">"+want+"</a>") {
			t.Errorf("the page does not say %q: %s", want, page)
		}
	}
	for _, m := range regexp.MustCompile(`<li class="notice[^>]*><a href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if u, err := url.Parse(html.UnescapeString(m[1])); err != nil || f.get(u.String()).Code != 200 {
			t.Errorf("%s does not open: %v", m[1], err)
		}
	}
}

// Parts of the home page are for those who may view what is behind them.
func TestHome_Permissions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.facts = facts{late: 1, blocked: 2}
	for name, c := range map[string]struct {
		actor access.Actor
		want  []string
	}{
		"all":    {root, []string{"New today", "Next runs", "Recent changes", "missed schedule", "throttled logins"}},
		"users":  {staff(access.ViewUser), []string{"New today"}},
		"audit":  {staff(access.ViewAudit), []string{"Recent changes", "throttled logins"}},
		"tasks":  {staff(access.Schedules.View()), []string{"Next runs", "missed schedule"}},
		"little": {staff(), nil},
	} {
		f.handler = f.handlerFor(c.actor)
		page := f.page("/admin/")
		for _, part := range []string{"New today", "Next runs", "Recent changes", "missed schedule", "throttled logins"} {
			if got := strings.Contains(page, part); got != strings.Contains(strings.Join(c.want, ", "), part) {
				t.Errorf("%s: got %q %v", name, part, got)
			}
		}
	}
}
