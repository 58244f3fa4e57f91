package resources

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/admin/site/shown"
	"roster/internal/httpkit/chart"
	"roster/internal/query"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

// Overview returns the dashboard of background work. now returns the time in the
// zone of the pages.
func Overview(tasks *task.Tasks, schedules *periodic.Schedules, now func() time.Time) site.View {
	o := overview{tasks, schedules, now}
	return site.View{App: "tasks", Name: "overview", Title: "Overview of background work", Short: "Workers", Icon: "overview", Of: backgroundWork, Needs: access.Schedules.View(), Load: o.load}
}

type overview struct {
	tasks     *task.Tasks
	schedules *periodic.Schedules
	now       func() time.Time
}

const (
	tasksPath     = "/admin/tasks/task/"
	schedulesPath = "/admin/django_celery_beat/periodictask/"

	shownMinutes  = 60
	shownHours    = 24
	shownFailures = 10
	shownRuns     = 8
	// late is the age of a heartbeat after which a worker counts as late. Workers
	// send one every few seconds.
	late = 20 * time.Second
)

func (o overview) load(ctx context.Context, actor access.Actor) (panels []site.Panel, err error) {
	for _, part := range []func(context.Context, access.Actor) (site.Panel, error){
		o.numbers, o.rates, o.queues, o.workers, o.failures, o.upcoming,
	} {
		panel, err := part(ctx, actor)
		if err != nil {
			return nil, err
		}
		panels = append(panels, panel)
	}
	return panels, nil
}

func (o overview) numbers(ctx context.Context, actor access.Actor) (site.Panel, error) {
	counts, err := o.tasks.Count(ctx, actor)
	p := site.Panel{Title: "Tasks", More: shown.Link{Text: "All tasks", URL: tasksPath}, Wide: true}
	for _, state := range task.States() {
		p.Facts = append(p.Facts, site.Fact{Label: strings.ToUpper(string(state[:1])) + string(state[1:]), Value: counts[state], URL: tasksOf("state", string(state))})
	}
	return p, err
}

// tasksOf returns the address of the list of tasks with a filter.
func tasksOf(filter, value string) string {
	return tasksPath + "?" + url.Values{filter + "__exact": {value}}.Encode()
}

func (o overview) rates(ctx context.Context, actor access.Actor) (site.Panel, error) {
	minutes, err := o.tasks.Rates(ctx, actor, task.Minutely, shownMinutes)
	if err != nil {
		return site.Panel{}, err
	}
	hours, err := o.tasks.Rates(ctx, actor, task.Hourly, shownHours)
	if err != nil {
		return site.Panel{}, err
	}
	return site.Panel{Title: "Throughput", Wide: true, Help: "Finished tasks, done or dead. The last bar is incomplete.", Charts: []chart.Chart{
		o.chart("Per minute, the last hour", minutes), o.chart("Per hour, the last day ("+o.now().Location().String()+")", hours),
	}}, nil
}

func (o overview) chart(label string, rates []task.Rate) chart.Chart {
	c := chart.Chart{Label: label, First: o.clock(rates[0].Start), Last: "now"}
	for _, r := range rates {
		c.Points = append(c.Points, chart.Point{Label: o.clock(r.Start), N: r.Done + r.Dead, Bad: r.Dead})
	}
	return c
}

func (o overview) clock(t time.Time) string { return t.In(o.now().Location()).Format("15:04") }

func (o overview) queues(ctx context.Context, actor access.Actor) (site.Panel, error) {
	queues, err := o.tasks.Queues(ctx, actor)
	maps.DeleteFunc(queues, func(_ string, counts map[task.State]int64) bool { return isGone(counts) })
	table := &site.Table{Columns: []string{"Queue", "Waiting", "Running", "Paused", "Parked", "Dead"}, Empty: "No tasks are pending or running."}
	for _, name := range slices.Sorted(maps.Keys(queues)) {
		link, counts := shown.Link{Text: name, URL: tasksOf("queue", name)}, queues[name]
		table.Rows = append(table.Rows, []any{link, counts[task.Pending], counts[task.Running], counts[task.Paused], counts[task.Parked], counts[task.Dead]})
	}
	return site.Panel{Title: "Queues", Table: table}, err
}

// isGone reports whether a queue has nothing left to do. Its dead tasks are among the
// dead letters.
func isGone(counts map[task.State]int64) bool {
	for state, n := range counts {
		if state != task.Dead && n > 0 {
			return false
		}
	}
	return true
}

func (o overview) workers(ctx context.Context, actor access.Actor) (site.Panel, error) {
	workers, err := o.tasks.Workers(ctx, actor)
	table := &site.Table{Columns: []string{"Worker", "Heartbeat", "Runs", "Queues", "Since"}, Empty: "No worker is running, so tasks wait. Start one with roster worker."}
	for _, w := range workers {
		silence := max(0, o.now().Sub(w.Seen)).Truncate(time.Second)
		beat := shown.Badge{Text: lasting(silence) + " ago", Tone: shown.Good}
		if silence > late {
			beat.Tone = shown.Bad
		}
		queues := w.Queues
		if queues == "" {
			queues = "all"
		}
		table.Rows = append(table.Rows, []any{w.Name, beat, fmt.Sprintf("%d\u00a0of\u00a0%d", w.Running, w.Concurrency), queues, w.Started})
	}
	return site.Panel{Title: "Workers", Table: table}, err
}

func (o overview) failures(ctx context.Context, actor access.Actor) (site.Panel, error) {
	dead, err := o.tasks.List(ctx, actor, task.Filter{State: task.Dead}, 0, shownFailures)
	table := &site.Table{Columns: []string{"Task", "Error", "Ended"}, Empty: "No tasks have failed permanently."}
	for i := range dead {
		t := &dead[i]
		reason, _, _ := strings.Cut(t.Error, "\n")
		link := shown.Link{Text: taskName(t), URL: tasksPath + strconv.FormatInt(t.ID, 10) + "/change/"}
		table.Rows = append(table.Rows, []any{link, reason, orNone(t.Finished)})
	}
	return site.Panel{Title: "Dead letters", Table: table, More: shown.Link{Text: "All of them", URL: tasksOf("state", string(task.Dead))}}, err
}

func (o overview) upcoming(ctx context.Context, actor access.Actor) (site.Panel, error) {
	all, err := o.schedules.List(ctx, actor, periodic.Filter{Enabled: query.OnlyTrue}, 0, maxCounted)
	type run struct {
		of *schedule.Row
		at time.Time
	}
	var runs []run
	for i := range all {
		if next := o.schedules.Next(all[i]).Runs; len(next) > 0 {
			runs = append(runs, run{&all[i], next[0]})
		}
	}
	slices.SortStableFunc(runs, func(a, b run) int { return a.at.Compare(b.at) })
	table := &site.Table{Columns: []string{"Schedule", "Next run"}, Empty: "No schedules are enabled."}
	for _, r := range runs[:min(len(runs), shownRuns)] {
		link := shown.Link{Text: r.of.Name, URL: schedulesPath + strconv.FormatInt(r.of.ID, 10) + "/change/"}
		table.Rows = append(table.Rows, []any{link, momentOf(r.of, r.at, o.now().Location())})
	}
	return site.Panel{Title: "Next runs", Table: table, More: shown.Link{Text: "All schedules", URL: schedulesPath}}, err
}
