package server

import (
	"context"
	"errors"
	"slices"
	"time"

	"roster/internal/fault"
	"roster/internal/mail"
	"roster/internal/metrics"
	"roster/internal/store"
	"roster/internal/task"
)

// The metrics that are read during a scrape, most of them from the database:
// those have the same values in every process.
var (
	sessionsMetric = metrics.NewGauge("roster_sessions", "Active sessions of staff.")
	backlogMetric  = metrics.NewGauge("roster_tasks", "Tasks that are not done or canceled, up to 50000 per state.", "queue", "kind", "state")
	oldestMetric   = metrics.NewGauge("roster_task_oldest_pending_seconds", "How long the oldest pending task has been due, 0 when none is.", "queue")
	workersMetric  = metrics.NewGauge("roster_workers", "Workers seen in the last 30 seconds.")
	slotsMetric    = metrics.NewGauge("roster_worker_slots", "Tasks that these workers can run at once.")
	usedMetric     = metrics.NewGauge("roster_worker_slots_in_use", "Tasks that these workers are running.")
	lastRunMetric  = metrics.NewGauge("roster_schedule_last_run_timestamp_seconds", "The earliest last run of the enabled schedules of a kind of task, 0 for never.", "kind")
	lostMetric     = metrics.NewCounter("roster_log_lines_lost_total", "Log lines that an outlet lost, because it failed or was not read.", "outlet")
	lateMetric     = metrics.NewGauge("roster_schedule_late_seconds", "How long the first slot of the schedules of a kind of task that has not run is overdue.", "kind")
)

// addLog adds the metrics of the log.
func (m *monitor) addLog() {
	m.metrics.Add(metrics.Source{Name: "log", Read: func(_ context.Context, show metrics.Show) error {
		for outlet, lines := range m.logs.Lost() {
			show(lostMetric, float64(lines), outlet)
		}
		return nil
	}})
}

// addDatabase adds the metrics of the database and of staff sessions.
func (m *monitor) addDatabase(db *store.Store) {
	m.metrics.Add(metrics.Source{Name: "database", Read: func(_ context.Context, show metrics.Show) error {
		db.ReportMetrics(show)
		return nil
	}})
	m.metrics.Add(metrics.Source{Name: "sessions", Read: func(ctx context.Context, show metrics.Show) error {
		n, err := db.CountSessions(ctx, time.Now())
		if err == nil {
			show(sessionsMetric, float64(n))
		}
		return err
	}})
}

// addTasks adds the metrics of the backlog, the workers, and the schedules whose
// tasks are of those kinds.
func (m *monitor) addTasks(db *store.Store, kinds *task.Registry) {
	m.metrics.Add(metrics.Source{Name: "tasks", Read: func(ctx context.Context, show metrics.Show) error {
		now, err := db.Clock(ctx)
		if err != nil {
			return err
		}
		backlog, err := db.ListBacklog(ctx)
		if err != nil {
			return err
		}
		showBacklog(show, backlog, kinds.Names(), now)
		workers, err := db.ListWorkers(ctx, now.Add(-task.Gone))
		if err == nil {
			showWorkers(show, workers, now)
		}
		return err
	}})
	m.metrics.Add(metrics.Source{Name: "schedules", Read: func(ctx context.Context, show metrics.Show) error {
		all, err := task.ListPunctuality(ctx, db, kinds)
		showSchedules(show, all)
		return err
	}})
}

// showSchedules shows the schedules by the kind of their tasks: people make schedules
// and name them, but not kinds.
func showSchedules(show metrics.Show, all []task.Punctuality) {
	last, late := map[string]float64{}, map[string]float64{}
	for _, p := range all {
		ran := secondsOf(p.LastRun)
		if earliest, seen := last[p.Kind]; !seen || ran < earliest {
			last[p.Kind] = ran
		}
		late[p.Kind] = max(late[p.Kind], p.Late.Seconds())
	}
	for kind, ran := range last {
		show(lastRunMetric, ran, kind)
		show(lateMetric, late[kind], kind)
	}
}

// maxQueues is how many queues have a name in labels, since anyone who may start
// tasks names queues. Further ones, and unknown kinds, are otherLabel.
const (
	maxQueues  = 20
	otherLabel = "other"
)

// showBacklog shows the backlog of tasks of those kinds.
func showBacklog(show metrics.Show, backlog []task.Backlog, kinds []string, now time.Time) {
	type labels struct{ queue, kind, state string }
	queues := queueLabels(backlog)
	counts, oldest := map[labels]int64{}, map[string]float64{task.DefaultQueue: 0}
	for _, b := range backlog {
		queue, kind := otherLabel, otherLabel
		if slices.Contains(queues, b.Queue) {
			queue = b.Queue
		}
		if slices.Contains(kinds, b.Kind) {
			kind = b.Kind
		}
		counts[labels{queue, kind, string(b.State)}] += b.Count
		if b.State == task.Pending {
			oldest[queue] = max(oldest[queue], now.Sub(b.Oldest).Seconds())
		}
	}
	for l, n := range counts {
		show(backlogMetric, float64(n), l.queue, l.kind, l.state)
	}
	for queue, age := range oldest {
		show(oldestMetric, age, queue)
	}
}

// queueLabels returns the queues with a label of their own: the first by name, and
// the default one.
func queueLabels(backlog []task.Backlog) []string {
	queues := []string{}
	for _, b := range backlog {
		queues = append(queues, b.Queue)
	}
	slices.Sort(queues)
	queues = slices.Compact(queues)
	return append(queues[:min(len(queues), maxQueues)], task.DefaultQueue)
}

func showWorkers(show metrics.Show, workers []task.WorkerInfo, now time.Time) {
	var seen, slots, used int
	for _, w := range workers {
		if now.Sub(w.Seen) < 2*task.Lease {
			seen, slots, used = seen+1, slots+w.Concurrency, used+w.Running
		}
	}
	show(workersMetric, float64(seen))
	show(slotsMetric, float64(slots))
	show(usedMetric, float64(used))
}

// RunBegan implements task.Observer.
func (m *monitor) RunBegan(ctx context.Context, t task.Task) (context.Context, func(task.Outcome)) {
	begin := time.Now()
	m.metrics.Tasks.Begin(t.Kind)
	ctx, span := m.traces.Run(ctx, t.Kind, t.ID, t.Trace)
	return ctx, func(o task.Outcome) {
		m.metrics.Tasks.Done(t.Kind, string(o.State), time.Since(begin))
		if o.Crashes > 0 {
			m.metrics.Tasks.Crash(t.Kind)
		}
		span.Ended(string(o.State), o.Attempts+o.Crashes > 0)
	}
}

// WorkerLost implements task.Observer.
func (m *monitor) WorkerLost(t task.Task) { m.metrics.Tasks.Crash(t.Kind) }

// triedLogin counts a login attempt.
func (m *monitor) triedLogin(step string, err error) {
	if m == nil {
		return
	}
	outcome := "failed"
	switch {
	case err == nil:
		outcome = "ok"
	case fault.KindOf(err) == fault.Throttled:
		outcome = "throttled"
	case fault.KindOf(err) == fault.Invalid, fault.KindOf(err) == fault.Unauthenticated, fault.KindOf(err) == fault.Denied:
		outcome = "refused"
	}
	m.metrics.Logins.Done(step, outcome)
}

// mail returns a mailer that counts the messages sent by out.
func (m *monitor) mail(out Mailer) Mailer {
	if m == nil {
		return out
	}
	return countedMailer{out, m.metrics.Mail}
}

type countedMailer struct {
	Mailer

	counts *metrics.Mail
}

// Send implements Mailer.
func (c countedMailer) Send(ctx context.Context, message mail.Message) error {
	err := c.Mailer.Send(ctx, message)
	c.counts.Done(mailOutcome(err))
	return err
}

// mailOutcome returns the outcome of sending a message.
func mailOutcome(err error) string {
	failed, ok := errors.AsType[*mail.SendError](err)
	switch {
	case err == nil:
		return "sent"
	case ok && failed.State == mail.Refused:
		return "refused"
	case ok && failed.State == mail.Unusable:
		return "unusable"
	case ok && failed.State == mail.Unknown:
		return "unknown"
	default:
		return "deferred"
	}
}
