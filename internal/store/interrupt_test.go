package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/job"
	"roster/internal/secret"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
	"roster/internal/user"
)

// A call that is interrupted at any statement changes nothing, or all, and what
// could not be read is an error, not an empty answer. The services of the domain
// have tests like this of their own.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	old := noon.Add(time.Hour)
	prepared := storetest.Prepare(t, func(s *store.Store) { fillEverything(t, s) })
	for name, operation := range map[string]func(context.Context, *store.Store) (any, error){
		"claim tasks": func(ctx context.Context, s *store.Store) (any, error) {
			tasks, err := s.ClaimTasks(ctx, newClaim("new", time.Hour, 5))
			return numbers(tasks), err
		},
		"renew tasks": func(ctx context.Context, s *store.Store) (any, error) {
			return s.RenewTasks(ctx, "l", old, []task.Run{{ID: 1, Number: 1, Done: 5, Total: 9}, {ID: 2, Number: 1}})
		},
		"finish a task": func(ctx context.Context, s *store.Store) (any, error) {
			return s.FinishTask(ctx, "l", task.Run{ID: 1, Number: 1}, task.Outcome{State: task.Done, At: noon})
		},
		"sweep tasks": func(ctx context.Context, s *store.Store) (any, error) {
			lost, err := s.SweepTasks(ctx, old, 10, func(task.Task) task.Outcome { return task.Outcome{State: task.Dead, At: old} })
			return len(lost), err
		},
		"unpark tasks": func(ctx context.Context, s *store.Store) (any, error) {
			return nil, s.UnparkTasks(ctx, []task.Versions{{Kind: "parked", Oldest: 1, Newest: 2}}, old)
		},
		"list tasks": func(ctx context.Context, s *store.Store) (any, error) {
			all, err := s.ListTasks(ctx, task.Filter{}, 0, 10)
			one, err2 := s.FindTask(ctx, 1)
			ids, err3 := s.TaskIDs(ctx, task.Filter{}, 10)
			return fmt.Sprint(numbers(all), one.Kind, ids), first(err, err2, err3)
		},
		"search tasks": func(ctx context.Context, s *store.Store) (any, error) {
			found, err := s.SearchTasks(ctx, task.Filter{Words: []string{"a"}}, 100, 0, 10)
			return fmt.Sprint(numbers(found.Tasks), found.Counts), err
		},
		"count tasks": func(ctx context.Context, s *store.Store) (any, error) {
			states, err := s.CountTasks(ctx)
			queues, err2 := s.CountQueues(ctx)
			found, err3 := s.CountFound(ctx, task.Filter{Kind: "a"}, 10)
			by, err4 := s.CountTasksBy(ctx, task.Filter{}, task.ByKind, 10)
			return fmt.Sprint(states, queues, found, by), first(err, err2, err3, err4)
		},
		"measure tasks": func(ctx context.Context, s *store.Store) (any, error) {
			backlog, err := s.ListBacklog(ctx)
			rates, err2 := s.CountFinished(ctx, noon, task.Hourly)
			count, through, err3 := s.TaskExtent(ctx, task.Filter{})
			oldest, newest, err4 := s.TaskSpan(ctx)
			return fmt.Sprint(backlog, rates, count, through, oldest, newest), first(err, err2, err3, err4)
		},
		"save a worker": func(ctx context.Context, s *store.Store) (any, error) {
			err := s.SaveWorker(ctx, task.WorkerInfo{ID: "w", Name: "new", Started: noon, Seen: old})
			return nil, err
		},
		"list workers":    func(ctx context.Context, s *store.Store) (any, error) { return s.ListWorkers(ctx, noon) },
		"forget a worker": func(ctx context.Context, s *store.Store) (any, error) { return nil, s.RemoveWorker(ctx, "w") },
		"plan deliveries": func(ctx context.Context, s *store.Store) (any, error) {
			return s.PlanDeliveries(ctx, 2, user.Query{}, 10)
		},
		"plan recipients": func(ctx context.Context, s *store.Store) (any, error) { return s.PlanRecipients(ctx, 2, 1, 4) },
		"take deliveries": func(ctx context.Context, s *store.Store) (any, error) {
			taken, err := s.TakeDeliveries(ctx, 1, 10, time.Now().Add(time.Hour))
			return len(taken), err
		},
		"save deliveries": func(ctx context.Context, s *store.Store) (any, error) {
			return nil, s.SaveDeliveries(ctx, []job.Delivery{{ID: 1, State: job.Sent}, {ID: 2, State: job.Bounced}}, noon)
		},
		"resume deliveries": func(ctx context.Context, s *store.Store) (any, error) { return nil, s.ResumeDeliveries(ctx, 1) },
		"look at deliveries": func(ctx context.Context, s *store.Store) (any, error) {
			counts, err := s.CountDeliveries(ctx, 1)
			next, err2 := s.NextDelivery(ctx, 1)
			idle, err3 := s.ListIdle(ctx, old, 0, 10)
			return fmt.Sprint(counts, !next.IsZero(), idle), first(err, err2, err3)
		},
		"drop tasks":      func(ctx context.Context, s *store.Store) (any, error) { return s.DropTasks(ctx, old, 10) },
		"drop dead tasks": func(ctx context.Context, s *store.Store) (any, error) { return s.DropDeadTasks(ctx, old, 10) },
		"drop slots":      func(ctx context.Context, s *store.Store) (any, error) { return s.DropSlots(ctx, old, 10) },
		"drop counters":   func(ctx context.Context, s *store.Store) (any, error) { return s.DropCounters(ctx, old, 10) },
		"drop reports": func(ctx context.Context, s *store.Store) (any, error) {
			return s.DropReports(ctx, old.AddDate(0, 0, 1), 10)
		},
		"drop admin log": func(ctx context.Context, s *store.Store) (any, error) { return s.DropAdminLog(ctx, old, 10) },
		"give back": func(ctx context.Context, s *store.Store) (any, error) {
			return nil, s.GiveBack(ctx, noon, use("a"), use("b"))
		},
		"save a report": func(ctx context.Context, s *store.Store) (any, error) {
			return nil, s.SaveReport(ctx, job.Report{Day: "2026-11-23"}, noon)
		},
		"list reports": func(ctx context.Context, s *store.Store) (any, error) {
			all, err := s.ListReports(ctx, 0, 10)
			n, err2 := s.CountReports(ctx)
			one, err3 := s.FindReport(ctx, "2026-11-23")
			return fmt.Sprint(len(all), n, one.Day), first(err, err2, err3)
		},
		"record a backup": func(ctx context.Context, s *store.Store) (any, error) {
			return nil, s.RecordBackup(ctx, store.Backup{Created: noon, Path: "/new", Digest: "d"})
		},
		"look at backups": func(ctx context.Context, s *store.Store) (any, error) {
			last, err := s.LastBackup(ctx)
			schema, err2 := s.Schema(ctx)
			pending, err3 := s.Pending(ctx)
			return fmt.Sprint(last.Path, schema > 0, pending), first(err, err2, err3)
		},
		"write an account": func(ctx context.Context, s *store.Store) (any, error) {
			return nil, s.InAuthTx(ctx, func(tx auth.Tx) error {
				id, err := tx.InsertAccount(auth.Account{Username: "new", Password: secret.New("!"), IsActive: true, DateJoined: noon})
				group, err2 := tx.InsertGroup(auth.Group{Name: "new"})
				permissions := []access.Permission{access.ViewUser, access.AddUser}
				return first(err, err2, tx.SetPermissions(id, permissions), tx.SetGroupPermissions(group, permissions), tx.SetGroups(id, []int64{group}))
			})
		},
		"write a schedule": func(ctx context.Context, s *store.Store) (any, error) {
			return nil, s.InPeriodicTx(ctx, func(tx periodic.Tx) error {
				row := schedule.Row{Entry: schedule.Entry{Name: "new", Task: "a", Enabled: true}, Interval: &schedule.IntervalSpec{Every: 1, Period: "hours"}}
				_, err := tx.InsertSchedule(row)
				return first(err, tx.TouchSchedules(noon))
			})
		},
		"count sessions":   func(ctx context.Context, s *store.Store) (any, error) { return s.CountSessions(ctx, noon) },
		"unsealed entries": func(ctx context.Context, s *store.Store) (any, error) { return s.OldestUnsealed(ctx) },
		"factor accounts":  func(ctx context.Context, s *store.Store) (any, error) { return s.FactorAccounts(ctx, 0, 10) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prepared.Interrupt(t, func(s *store.Store) (string, error) {
				answer, err := operation(t.Context(), s)
				return fmt.Sprint(answer), err
			})
		})
	}
}

// A search index that is interrupted is finished later.
func TestInterrupt_Index(t *testing.T) {
	t.Parallel()
	prepared := storetest.Prepare(t, func(s *store.Store) { fillEverything(t, s) })
	prepared.InterruptSteps(t, func(s *store.Store) (string, error) { return "", s.Index(t.Context()) })
}

// fillEverything stores two running tasks, the first of which sends mail, one of each other
// state, and something of every kind that is dropped.
func fillEverything(t *testing.T, s *store.Store) {
	t.Helper()
	enqueue(t, s, chore("a", 1), chore("a", 2))
	claim(t, s, "l", 0, 2)
	late := chore("b", 4)
	late.RunAt = noon.Add(time.Minute)
	enqueue(t, s, chore("a", 3), late, chore("parked", 5), chore("done", 6), chore("done", 7))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	run(t, s, "UPDATE roster_tasks SET state = 'parked' WHERE kind = 'parked'")
	run(t, s, "UPDATE roster_tasks SET state = 'done', finished_at = '2026-11-23 12:00:00' WHERE id = 6")
	run(t, s, "UPDATE roster_tasks SET state = 'dead', finished_at = '2026-11-23 12:00:00' WHERE id = 7")
	run(t, s, "INSERT INTO auth_user (id, username, password, is_superuser, last_name, email, is_staff, is_active, date_joined, first_name)"+
		" VALUES (1, 'ann', '', 0, '', '', 1, 1, '2026-01-01', '')")
	run(t, s, "INSERT INTO django_admin_log (action_time, object_repr, action_flag, change_message, user_id) VALUES ('2026-11-23 12:00:00', 'x', 1, '', 1)")
	must(s.InTaskTx(t.Context(), func(tx task.Tx) error { return tx.ClaimSlot(1, noon) }))
	must(s.InTx(t.Context(), func(tx user.Tx) error {
		for _, name := range []string{"ada", "bea"} {
			if _, err := tx.InsertUser(user.User{Username: name, Email: name + "@example.com", IsActive: true, CreatedAt: noon, UpdatedAt: noon}); err != nil {
				return err
			}
		}
		return nil
	}))
	_, err := s.PlanRecipients(t.Context(), 1, 0, 2)
	must(err)
	deliver(t, s, 6, 2)
	_, err = s.Take(t.Context(), noon, use("a"), use("b"))
	must(err)
	must(s.SaveReport(t.Context(), job.Report{Day: "2026-11-23"}, noon))
	must(s.SaveWorker(t.Context(), task.WorkerInfo{ID: "w", Name: "w", Started: noon, Seen: noon}))
	must(s.RecordBackup(t.Context(), store.Backup{Created: noon, Path: "/old", Digest: "d"}))
}

func use(key string) auth.Use {
	return auth.Use{Key: key, Rate: auth.Rate{Limit: 5, Window: time.Minute}}
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
