package server

import (
	"context"
	"errors"
	"time"

	"roster/internal/fault"
	"roster/internal/mail"
	"roster/internal/metrics"
	"roster/internal/store"
	"roster/internal/task"
)

// The families that are read when a scrape asks, most of them from the database:
// those have the same values in every process.
var (
	sessionsFigure = metrics.NewGauge("roster_sessions", "Sessions of staff that have not ended.")
	backlogFigure  = metrics.NewGauge("roster_tasks", "Tasks that are not done or canceled, up to 50000 a state.", "queue", "kind", "state")
	oldestFigure   = metrics.NewGauge("roster_task_oldest_pending_seconds", "How long the task has waited that was due first, 0 when none waits.", "queue")
	workersFigure  = metrics.NewGauge("roster_workers", "Workers that have been seen in the last half minute.")
	slotsFigure    = metrics.NewGauge("roster_worker_slots", "Tasks that those workers may run at once.")
	usedFigure     = metrics.NewGauge("roster_worker_slots_in_use", "Tasks that those workers run.")
	lastRunFigure  = metrics.NewGauge("roster_schedule_last_run_timestamp_seconds", "When a schedule that is enabled ran last, 0 for never.", "schedule")
	lostFigure     = metrics.NewCounter("roster_log_lines_lost_total", "Lines of the log that an outlet did not take, because it failed or was not read.", "outlet")
	lateFigure     = metrics.NewGauge("roster_schedule_late_seconds", "How long the first slot is overdue that has not run.", "schedule")
)

// addLog lets scrapes show what the log has lost.
func (m *monitor) addLog() {
	m.figures.Add(metrics.Source{Name: "log", Read: func(_ context.Context, show metrics.Show) error {
		for outlet, lines := range m.logs.Lost() {
			show(lostFigure, float64(lines), outlet)
		}
		return nil
	}})
}

// addDatabase lets scrapes show what the database knows of itself and of staff.
func (m *monitor) addDatabase(db *store.Store) {
	m.figures.Add(metrics.Source{Name: "database", Read: func(_ context.Context, show metrics.Show) error {
		db.Figures(show)
		return nil
	}})
	m.figures.Add(metrics.Source{Name: "sessions", Read: func(ctx context.Context, show metrics.Show) error {
		n, err := db.CountSessions(ctx, time.Now())
		if err == nil {
			show(sessionsFigure, float64(n))
		}
		return err
	}})
}

// addTasks lets scrapes show the backlog, the workers and the schedules of those
// kinds of tasks.
func (m *monitor) addTasks(db *store.Store, kinds *task.Registry) {
	kept := db
	m.figures.Add(metrics.Source{Name: "tasks", Read: func(ctx context.Context, show metrics.Show) error {
		now, err := kept.Clock(ctx)
		if err != nil {
			return err
		}
		backlog, err := kept.ListBacklog(ctx)
		if err != nil {
			return err
		}
		showBacklog(show, backlog, now)
		workers, err := kept.ListWorkers(ctx, now.Add(-task.Gone))
		if err == nil {
			showWorkers(show, workers, now)
		}
		return err
	}})
	m.figures.Add(metrics.Source{Name: "schedules", Read: func(ctx context.Context, show metrics.Show) error {
		all, err := task.ListPunctuality(ctx, kept, kinds)
		for _, p := range all {
			last := 0.0
			if !p.LastRun.IsZero() {
				last = float64(p.LastRun.UnixMilli()) / 1000
			}
			show(lastRunFigure, last, p.Name)
			show(lateFigure, p.Late.Seconds(), p.Name)
		}
		return err
	}})
}

func showBacklog(show metrics.Show, backlog []task.Backlog, now time.Time) {
	oldest := map[string]float64{task.DefaultQueue: 0}
	for _, b := range backlog {
		show(backlogFigure, float64(b.Count), b.Queue, b.Kind, string(b.State))
		if b.State == task.Pending {
			oldest[b.Queue] = max(oldest[b.Queue], now.Sub(b.Oldest).Seconds())
		}
	}
	for queue, age := range oldest {
		show(oldestFigure, age, queue)
	}
}

func showWorkers(show metrics.Show, workers []task.WorkerInfo, now time.Time) {
	var seen, slots, used int
	for _, w := range workers {
		if now.Sub(w.Seen) < 2*task.Lease {
			seen, slots, used = seen+1, slots+w.Concurrency, used+w.Running
		}
	}
	show(workersFigure, float64(seen))
	show(slotsFigure, float64(slots))
	show(usedFigure, float64(used))
}

// RunBegan implements task.Observer.
func (m *monitor) RunBegan(ctx context.Context, t task.Task) (context.Context, func(task.Outcome)) {
	begin := time.Now()
	m.figures.Tasks.Begin(t.Kind)
	ctx, span := m.traces.Run(ctx, t.Kind, t.ID, t.Trace)
	return ctx, func(o task.Outcome) {
		m.figures.Tasks.Done(t.Kind, string(o.State), time.Since(begin))
		if o.Crashes > 0 {
			m.figures.Tasks.Crash(t.Kind)
		}
		span.Ended(string(o.State), o.Attempts+o.Crashes > 0)
	}
}

// WorkerLost implements task.Observer.
func (m *monitor) WorkerLost(t task.Task) { m.figures.Tasks.Crash(t.Kind) }

// triedLogin counts an attempt to log in.
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
	case fault.KindOf(err) == fault.Invalid, fault.KindOf(err) == fault.Unauthenticated:
		outcome = "refused"
	}
	m.figures.Logins.Done(step, outcome)
}

// mail returns a mailer that counts what goes out by another.
func (m *monitor) mail(out Mailer) Mailer {
	if m == nil {
		return out
	}
	return countedMailer{out, m.figures.Mail}
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

// mailOutcome names what became of a message.
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
