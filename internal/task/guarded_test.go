package task_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/task/schedule"
)

// erasing are arguments of work that needs permissions, more of them to erase.
type erasing struct {
	Erase bool `json:"erase"`
}

func (e erasing) Needs() []access.Permission {
	if e.Erase {
		return []access.Permission{access.ViewUser, access.DeleteUser}
	}
	return []access.Permission{access.ViewUser}
}

// Who causes a task of a guarded kind, in whichever way, holds what its arguments
// require, besides the permissions on periodic tasks.
func TestGuarded(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	guarded := task.Define(task.Kind{Name: "erase", Version: 1, Mailing: true}, func(context.Context, *task.Job, erasing) (any, error) { return nil, nil })
	kinds := task.NewRegistry(guarded, nothing)
	service := task.NewTasks(s, kinds, time.Now, quiet())
	root := access.System("test")
	own := []access.Permission{access.Schedules.View(), access.Schedules.Add(), access.Schedules.Change()}
	for _, c := range []struct {
		holds []access.Permission
		args  string
		wrong string // "" if it is allowed
	}{
		{nil, `{}`, "Tasks of the kind erase require the permission users.view_tuser."},
		{[]access.Permission{access.DeleteUser}, `{"erase":true}`, "Tasks of the kind erase require the permission users.view_tuser."},
		{[]access.Permission{access.ViewUser}, `{"erase":false}`, ""},
		{[]access.Permission{access.ViewUser}, `{"erase":true}`, "Tasks of the kind erase require the permission users.delete_tuser."},
		{[]access.Permission{access.ViewUser, access.DeleteUser}, `{"erase":true}`, ""},
	} {
		actor := access.NewActor(access.Account{ID: 7, Username: "ann", Permissions: append(slices.Clone(own), c.holds...)})
		in := func(state string) int64 {
			id, err := service.Start(t.Context(), root, "erase", json.RawMessage(c.args), "")
			if err != nil {
				t.Fatal(err)
			}
			sql(t, s, fmt.Sprintf("UPDATE roster_tasks SET state = '%s' WHERE id = %d", state, id))
			return id
		}
		_, start := service.Start(t.Context(), actor, "erase", json.RawMessage(c.args), "")
		entry := schedule.Entry{Task: "erase", Args: "[]", Kwargs: c.args}
		for name, err := range map[string]error{
			"start": start, "retry": service.Retry(t.Context(), actor, in("dead")), "resume": service.Resume(t.Context(), actor, in("paused")),
			"schedule": kinds.CheckPeriodic(actor, entry),
		} {
			if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || err.Error() != c.wrong || fault.KindOf(err) != fault.Denied) {
				t.Errorf("%s with %s by %v: got %v, want %q", name, c.args, c.holds, err, c.wrong)
			}
		}
		err := service.Resend(t.Context(), actor, in("done"))
		if want := map[bool]fault.Kind{true: fault.Conflict, false: fault.Denied}[c.wrong == ""]; fault.KindOf(err) != want {
			t.Errorf("resend with %s by %v: got %v", c.args, c.holds, err)
		}
		if _, err := service.Start(t.Context(), actor, "work", nil, ""); err != nil {
			t.Errorf("another kind by %v: got %v", c.holds, err)
		}
	}
	if err := kinds.CheckPeriodic(access.Actor{}, schedule.Entry{Task: "other.tasks.sync"}); err != nil {
		t.Errorf("a task of another program: got %v", err)
	}
	if err := kinds.CheckPeriodic(access.Actor{}, schedule.Entry{Task: "erase", Args: "[", Kwargs: "{}"}); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("arguments that cannot be read: got %v", err)
	}
	if err := kinds.CheckKind(access.Actor{}, "play"); err != nil {
		t.Errorf("no such kind: got %v", err)
	}
}

// The result of work on users is for those who may view users.
func TestGuarded_Results(t *testing.T) {
	t.Parallel()
	s := storetest.OpenSQLite(t)
	guarded := task.Define(task.Kind{Name: "erase", Version: 1}, func(context.Context, *task.Job, erasing) (any, error) { return nil, nil })
	service := task.NewTasks(s, task.NewRegistry(guarded, nothing), time.Now, quiet())
	root := access.System("test")
	var ids []int64
	for _, kind := range []string{"erase", "work"} {
		id, err := service.Start(t.Context(), root, kind, nil, "")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	sql(t, s, `UPDATE roster_tasks SET state = 'done', result = '{"n":7}'`)
	for permission, want := range map[access.Permission][2]bool{access.ViewUser: {true, true}, access.DeleteUser: {false, true}} {
		actor := access.NewActor(access.Account{ID: 7, Permissions: []access.Permission{access.Schedules.View(), permission}})
		listed, err := service.List(t.Context(), actor, task.Filter{}, 0, 10)
		if err != nil || len(listed) != 2 {
			t.Fatalf("got %+v, %v", listed, err)
		}
		newest, err := service.SearchNewest(t.Context(), actor, task.Filter{}, 10)
		if err != nil || len(newest) != 2 {
			t.Fatalf("got %+v, %v", newest, err)
		}
		for i, id := range ids {
			found, err := service.Find(t.Context(), actor, id)
			for how, one := range map[string]task.Task{"found": found, "listed": listed[1-i], "searched": newest[1-i]} {
				if err != nil || (string(one.Result) == `{"n":7}`) != want[i] || !want[i] && one.Result != nil {
					t.Errorf("%s %s with %s: got %s, %v, want it shown: %t", how, one.Kind, permission, one.Result, err, want[i])
				}
			}
		}
	}
}
