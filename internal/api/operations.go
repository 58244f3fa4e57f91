package api

import (
	"net/http"

	"roster/internal/httpkit"
)

// The operations of the REST API; those on users are named as drf-yasg names those
// of the reference.
var (
	docIndex = httpkit.Operation{
		ID: "index", Tag: "index", Summary: "List the resources",
		Status: http.StatusOK, Result: "The addresses of the resources.", Output: "Index",
	}
	docList = httpkit.Operation{
		ID: "users_list", Tag: "users", Summary: "List all users",
		Description: "One page of the users, newest first unless `ordering` says otherwise. A page that does not exist is answered with 404.",
		Query:       []string{"search", "is_active", "ordering", "page"},
		Status:      http.StatusOK, Result: "The page.", Output: "UserPage",
	}
	docCreate = httpkit.Operation{
		ID: "users_create", Tag: "users", Summary: "Create a user",
		Description: "The e-mail address is stored in lower case. A user is active unless `is_active` says otherwise; " +
			"in a form, as in a browser's, a box that is not ticked means false.",
		Query: []string{"idempotency-key"}, Failures: []string{"UnprocessableContent"},
		Input:  "UserInput",
		Status: http.StatusCreated, Result: "The new user.", Output: "User",
	}
	docRead = httpkit.Operation{
		ID: "users_read", Tag: "users", Tagged: true, Summary: "Get one user",
		Status: http.StatusOK, Result: "The user.", Output: "User",
	}
	docUpdate = httpkit.Operation{
		ID: "users_update", Tag: "users", Tagged: true, Summary: "Update a user",
		Description: "Needs the required fields; the others keep their values when they are left out.",
		Input:       "UserInput",
		Status:      http.StatusOK, Result: "The user as it is now.", Output: "User",
	}
	docPartialUpdate = httpkit.Operation{
		ID: "users_partial_update", Tag: "users", Tagged: true, Summary: "Update some fields of a user",
		Description: "Whatever is left out keeps its value.",
		Input:       "UserPatch",
		Status:      http.StatusOK, Result: "The user as it is now.", Output: "User",
	}
	docDelete = httpkit.Operation{
		ID: "users_delete", Tag: "users", Tagged: true, Summary: "Delete a user",
		Status: http.StatusNoContent, Result: "The user is deleted.",
	}
	docTasks = httpkit.Operation{
		ID: "tasks_list", Tag: "tasks", Summary: "List the tasks",
		Description: "One page of the tasks, the newest first. Done and canceled tasks are kept for a time that the setting `TASK_KEEP_DAYS` says, dead ones until somebody acts.",
		Query:       []string{"state", "kind", "queue", "created_after", "created_before", "page"},
		Status:      http.StatusOK, Result: "The page.", Output: "TaskPage",
	}
	docStartTask = httpkit.Operation{
		ID: "tasks_create", Tag: "tasks", Summary: "Start a task",
		Description: "It runs as soon as a worker is free. The kinds there are, are in `/api/tasks/stats/`.",
		Input:       "TaskInput",
		Status:      http.StatusCreated, Result: "The new task.", Output: "Task",
	}
	docTask = httpkit.Operation{
		ID: "tasks_read", Tag: "tasks", Summary: "Get one task",
		Status: http.StatusOK, Result: "The task.", Output: "Task",
	}
	docCancelTask = httpkit.Operation{
		ID: "tasks_cancel", Tag: "tasks", Summary: "Cancel a task",
		Description: "A task that waits is canceled; one that runs is asked to end, which `cancel_asked` tells.",
		Failures:    []string{"Conflict"},
		Status:      http.StatusOK, Result: "The task as it is now.", Output: "Task",
	}
	docRetryTask = httpkit.Operation{
		ID: "tasks_retry", Tag: "tasks", Summary: "Run a task again",
		Description: "For tasks that are dead, canceled or parked. It runs as if it had never run.",
		Failures:    []string{"Conflict"},
		Status:      http.StatusOK, Result: "The task as it is now.", Output: "Task",
	}
	docTaskStats = httpkit.Operation{
		ID: "tasks_stats", Tag: "tasks", Summary: "Count the tasks",
		Description: "How many there are by state and by queue, the kinds there are, and how many ended in each of the last minutes, hours or days, in UTC.",
		Query:       []string{"step", "count"},
		Status:      http.StatusOK, Result: "The numbers.", Output: "TaskStats",
	}
	docWorkers = httpkit.Operation{
		ID: "tasks_workers", Tag: "tasks", Summary: "List the workers",
		Description: "Those that said they are there within the last half minute, the oldest first.",
		Status:      http.StatusOK, Result: "The workers.", Output: "WorkerList",
	}
	docSchedules = httpkit.Operation{
		ID: "schedules_list", Tag: "schedules", Summary: "List the schedules",
		Query:  []string{"search", "enabled", "task", "page"},
		Status: http.StatusOK, Result: "The page.", Output: "SchedulePage",
	}
	docCreateSchedule = httpkit.Operation{
		ID: "schedules_create", Tag: "schedules", Summary: "Create a schedule",
		Description: "It has one of `crontab`, `interval`, `solar` and `clocked`.",
		Input:       "ScheduleInput",
		Status:      http.StatusCreated, Result: "The new schedule.", Output: "Schedule",
	}
	docPreviewSchedule = httpkit.Operation{
		ID: "schedules_preview", Tag: "schedules", Summary: "Say when a schedule would run",
		Description: "Takes what creating takes, and stores nothing.",
		Input:       "SchedulePatch",
		Status:      http.StatusOK, Result: "What it would do.", Output: "SchedulePreview",
	}
	docSchedule = httpkit.Operation{
		ID: "schedules_read", Tag: "schedules", Tagged: true, Summary: "Get one schedule",
		Status: http.StatusOK, Result: "The schedule.", Output: "Schedule",
	}
	docUpdateSchedule = httpkit.Operation{
		ID: "schedules_update", Tag: "schedules", Tagged: true, Summary: "Update a schedule",
		Description: "What is left out is as in a new schedule.",
		Input:       "ScheduleInput",
		Status:      http.StatusOK, Result: "The schedule as it is now.", Output: "Schedule",
	}
	docPatchSchedule = httpkit.Operation{
		ID: "schedules_partial_update", Tag: "schedules", Tagged: true, Summary: "Update some fields of a schedule",
		Description: "Whatever is left out keeps its value. Giving one of `crontab`, `interval`, `solar` and `clocked` takes the place of the one there was.",
		Input:       "SchedulePatch",
		Status:      http.StatusOK, Result: "The schedule as it is now.", Output: "Schedule",
	}
	docDeleteSchedule = httpkit.Operation{
		ID: "schedules_delete", Tag: "schedules", Tagged: true, Summary: "Delete a schedule",
		Status: http.StatusNoContent, Result: "The schedule is deleted.",
	}
	docRunSchedule = httpkit.Operation{
		ID: "schedules_run", Tag: "schedules", Summary: "Run a schedule's task now",
		Description: "It does not count as a run of the schedule, which may be disabled.",
		Failures:    []string{"BadRequest"},
		Status:      http.StatusCreated, Result: "The task that was started.", Output: "Task",
	}
	docActiveCount = httpkit.Operation{
		ID: "users_active_count", Tag: "users", Summary: "Count the active users",
		Status: http.StatusOK, Result: "The number of users whose `is_active` is true.", Output: "ActiveCount",
	}
)
