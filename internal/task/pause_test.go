package task_test

import (
	"fmt"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/store/storetest"
	"roster/internal/task"
)

// A mailing is paused while it waits or runs, and resumed while it is paused or about
// to be. Each is one entry in the audit trail, and anything else changes nothing.
func TestTasks_PauseAndResume(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	mailing, other := nothing, nothing
	mailing.Mailing, other.Name = true, "other"
	service := task.NewTasks(s, task.NewRegistry(mailing, other), time.Now, quiet())
	root := access.System("test")
	clerk := access.NewActor(access.Account{ID: 7, Username: "ann", Permissions: []access.Permission{access.Schedules.View(), access.Schedules.Add()}})
	for name, c := range map[string]struct {
		state           string
		asked           string // of cancel_asked and pause_asked
		pause, resume   string // what is wrong; "" if nothing is
		paused, resumed audit.Change
	}{
		"pending":  {"pending", "0, 0", "", "The task is not paused.", audit.Change{Field: "state", Old: "pending", New: "paused"}, audit.Change{}},
		"running":  {"running", "0, 0", "", "The task is not paused.", audit.Change{Field: "pause_asked", Old: false, New: true}, audit.Change{}},
		"stopping": {"running", "1, 0", "The mailing is being stopped.", "The task is not paused.", audit.Change{}, audit.Change{}},
		"pausing":  {"running", "0, 1", "The mailing is being paused.", "", audit.Change{}, audit.Change{Field: "pause_asked", Old: true, New: false}},
		"paused":   {"paused", "0, 0", "The mailing is paused.", "", audit.Change{}, audit.Change{Field: "state", Old: "paused", New: "pending"}},
		"parked":   {"parked", "0, 0", "The mailing is parked.", "The task is not paused.", audit.Change{}, audit.Change{}},
		"done":     {"done", "0, 0", "The mailing is done.", "The task is not paused.", audit.Change{}, audit.Change{}},
		"dead":     {"dead", "0, 0", "The mailing is dead.", "The task is not paused.", audit.Change{}, audit.Change{}},
		"canceled": {"canceled", "0, 0", "The mailing is canceled.", "The task is not paused.", audit.Change{}, audit.Change{}},
	} {
		for verb, step := range map[string]struct {
			do    func(actor access.Actor, id int64) error
			wrong string
			want  audit.Change
		}{
			"pause":  {func(a access.Actor, id int64) error { return service.Pause(t.Context(), a, id) }, c.pause, c.paused},
			"resume": {func(a access.Actor, id int64) error { return service.Resume(t.Context(), a, id) }, c.resume, c.resumed},
		} {
			id := enqueue(t, s, mailing, 1)[0]
			sql(t, s, fmt.Sprintf("UPDATE roster_tasks SET state = '%s', (cancel_asked, pause_asked) = (%s) WHERE id = %d", c.state, c.asked, id))
			if err := step.do(clerk, id); fault.KindOf(err) != fault.Denied {
				t.Errorf("%s of %s, without the permission: got %v", verb, name, err)
			}
			err := step.do(root, id)
			if step.wrong == "" && err != nil || step.wrong != "" && (err == nil || err.Error() != step.wrong || fault.KindOf(err) != fault.Conflict) {
				t.Errorf("%s of %s: got %v, want %q", verb, name, err, step.wrong)
			}
			entries, err := s.FilterAudit(t.Context(), audit.Filter{ObjectType: "task", ObjectID: id}, 0, 10)
			if err != nil || len(entries) != map[bool]int{true: 1}[step.wrong == ""] || len(entries) == 1 && (len(entries[0].Changes) != 1 || entries[0].Changes[0] != step.want) {
				t.Errorf("%s of %s: got the entries %+v, %v, want %+v", verb, name, entries, err, step.want)
			}
		}
	}
	id := enqueue(t, s, other, 1)[0]
	if err := service.Pause(t.Context(), root, id); err == nil || err.Error() != "The task is not a mailing." {
		t.Errorf("no mailing: got %v", err)
	}
	for verb, err := range map[string]error{"pause": service.Pause(t.Context(), root, 1<<40), "resume": service.Resume(t.Context(), root, 1<<40)} {
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s of none: got %v", verb, err)
		}
	}
}
