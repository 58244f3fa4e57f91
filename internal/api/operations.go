package api

import (
	"net/http"

	"roster/internal/httpkit"
	"roster/internal/query"
	"roster/internal/user"
)

// The operations of the REST API. Those on users have the names that drf-yasg gives
// those of the reference.
var (
	docIndex = httpkit.Operation{
		ID: "index", Tag: "index", Summary: "List the resources",
		Status: http.StatusOK, Result: "The URLs of the resources.", Output: "Index",
	}
	docList = httpkit.Operation{
		ID: "users_list", Tag: "users", Summary: "List all users",
		Description: "Returns a page of users, newest first unless `ordering` is set. A page that does not exist returns 404. With `cursor`, the page has no number: read all users by following `next`, which costs the same on every page, and which users that are added or deleted meanwhile do not shift.",
		Query:       append(namesOf(user.Parameters()), "page", "page_size", "cursor"),
		Status:      http.StatusOK, Result: "The page.", Output: "UserPage",
	}
	docCreate = httpkit.Operation{
		ID: "users_create", Tag: "users", Summary: "Create a user",
		Description: "The e-mail address is stored in lower case. A user is active unless `is_active` is false; " +
			"in a form, a missing `is_active` means false.",
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
		Description: "Requires the required fields; omitted fields keep their values.",
		Input:       "UserInput",
		Status:      http.StatusOK, Result: "The updated user.", Output: "User",
	}
	docPartialUpdate = httpkit.Operation{
		ID: "users_partial_update", Tag: "users", Tagged: true, Summary: "Update some fields of a user",
		Description: "Omitted fields keep their values.",
		Input:       "UserPatch",
		Status:      http.StatusOK, Result: "The updated user.", Output: "User",
	}
	docDelete = httpkit.Operation{
		ID: "users_delete", Tag: "users", Tagged: true, Summary: "Delete a user",
		Status: http.StatusNoContent, Result: "The user is deleted.",
	}
	docTasks = httpkit.Operation{
		ID: "tasks_list", Tag: "tasks", Summary: "List the tasks",
		Description: "Returns a page of tasks, newest first. Done and canceled tasks are kept for `TASK_KEEP_DAYS` days, dead tasks until they are retried.",
		Query:       []string{"state", "kind", "queue", "created_after", "created_before", "page", "page_size"},
		Status:      http.StatusOK, Result: "The page.", Output: "TaskPage",
	}
	docStartTask = httpkit.Operation{
		ID: "tasks_create", Tag: "tasks", Summary: "Start a task",
		Description: "The task runs as soon as a worker is free. `/api/tasks/stats/` lists the kinds.",
		Input:       "TaskInput",
		Status:      http.StatusCreated, Result: "The new task.", Output: "Task",
	}
	docTask = httpkit.Operation{
		ID: "tasks_read", Tag: "tasks", Summary: "Get one task",
		Status: http.StatusOK, Result: "The task.", Output: "Task",
	}
	docCancelTask = httpkit.Operation{
		ID: "tasks_cancel", Tag: "tasks", Summary: "Cancel a task",
		Description: "A pending task is canceled. A running task is asked to stop, and `cancel_asked` is true.",
		Failures:    []string{"Conflict"},
		Status:      http.StatusOK, Result: "The updated task.", Output: "Task",
	}
	docRetryTask = httpkit.Operation{
		ID: "tasks_retry", Tag: "tasks", Summary: "Run a task again",
		Description: "For dead, canceled or parked tasks, and those that wait for their next attempt. The task runs as if for the first time.",
		Failures:    []string{"Conflict"},
		Status:      http.StatusOK, Result: "The updated task.", Output: "Task",
	}
	docPauseTask = httpkit.Operation{
		ID: "tasks_pause", Tag: "tasks", Summary: "Pause a mailing",
		Description: "A pending mailing is paused. A running one is asked to pause, and `pause_asked` is true: it is paused once the messages in progress are sent. No recipient is lost, and none gets the message twice.",
		Failures:    []string{"Conflict"},
		Status:      http.StatusOK, Result: "The updated task.", Output: "Task",
	}
	docResumeTask = httpkit.Operation{
		ID: "tasks_resume", Tag: "tasks", Summary: "Resume a mailing",
		Description: "For paused mailings. The mailing continues with the recipients that it has not tried yet.",
		Failures:    []string{"Conflict"},
		Status:      http.StatusOK, Result: "The updated task.", Output: "Task",
	}
	docResendTask = httpkit.Operation{
		ID: "tasks_resend", Tag: "tasks", Summary: "Send a mailing to those not reached",
		Description: "For finished mailings (`send_bulk_notification`). Recipients that were rejected, given up, or not tried get the message; those that were reached do not get it again.",
		Failures:    []string{"Conflict"},
		Status:      http.StatusOK, Result: "The updated task.", Output: "Task",
	}
	docTaskStats = httpkit.Operation{
		ID: "tasks_stats", Tag: "tasks", Summary: "Count the tasks",
		Description: "Returns the number of tasks by state and by queue, the kinds, and the number of tasks that finished in each of the last minutes, hours or days, in UTC.",
		Query:       []string{"step", "count"},
		Status:      http.StatusOK, Result: "The statistics.", Output: "TaskStats",
	}
	docWorkers = httpkit.Operation{
		ID: "tasks_workers", Tag: "tasks", Summary: "List the workers",
		Description: "Returns the workers with a heartbeat in the last 30 seconds, oldest first.",
		Status:      http.StatusOK, Result: "The workers.", Output: "WorkerList",
	}
	docSchedules = httpkit.Operation{
		ID: "schedules_list", Tag: "schedules", Summary: "List the schedules",
		Query:  []string{"search", "enabled", "task", "page", "page_size"},
		Status: http.StatusOK, Result: "The page.", Output: "SchedulePage",
	}
	docCreateSchedule = httpkit.Operation{
		ID: "schedules_create", Tag: "schedules", Summary: "Create a schedule",
		Description: "Exactly one of `crontab`, `interval`, `solar` and `clocked` is required.",
		Input:       "ScheduleInput",
		Status:      http.StatusCreated, Result: "The new schedule.", Output: "Schedule",
	}
	docPreviewSchedule = httpkit.Operation{
		ID: "schedules_preview", Tag: "schedules", Summary: "Preview a schedule",
		Description: "Takes the same input as creating a schedule, and stores nothing.",
		Input:       "SchedulePatch",
		Status:      http.StatusOK, Result: "The next runs.", Output: "SchedulePreview",
	}
	docSchedule = httpkit.Operation{
		ID: "schedules_read", Tag: "schedules", Tagged: true, Summary: "Get one schedule",
		Status: http.StatusOK, Result: "The schedule.", Output: "Schedule",
	}
	docUpdateSchedule = httpkit.Operation{
		ID: "schedules_update", Tag: "schedules", Tagged: true, Summary: "Update a schedule",
		Description: "Omitted fields get the defaults of a new schedule.",
		Input:       "ScheduleInput",
		Status:      http.StatusOK, Result: "The updated schedule.", Output: "Schedule",
	}
	docPatchSchedule = httpkit.Operation{
		ID: "schedules_partial_update", Tag: "schedules", Tagged: true, Summary: "Update some fields of a schedule",
		Description: "Omitted fields keep their values. One of `crontab`, `interval`, `solar` and `clocked` replaces the previous one.",
		Input:       "SchedulePatch",
		Status:      http.StatusOK, Result: "The updated schedule.", Output: "Schedule",
	}
	docDeleteSchedule = httpkit.Operation{
		ID: "schedules_delete", Tag: "schedules", Tagged: true, Summary: "Delete a schedule",
		Status: http.StatusNoContent, Result: "The schedule is deleted.",
	}
	docRunSchedule = httpkit.Operation{
		ID: "schedules_run", Tag: "schedules", Summary: "Run a schedule's task now",
		Description: "Does not count as a run of the schedule. The schedule may be disabled.",
		Failures:    []string{"BadRequest"},
		Status:      http.StatusCreated, Result: "The started task.", Output: "Task",
	}
	docObtainJWT = httpkit.Operation{
		ID: "token_obtain", Tag: "token", Summary: "Log in with a password", Open: true,
		Description: "As djangorestframework-simplejwt. Accounts that have or need a second factor are refused.",
		Input:       "JWTCredentials", Failures: []string{"Unauthorized"},
		Status: http.StatusOK, Result: "The tokens.", Output: "JWTPair",
	}
	docRefreshJWT = httpkit.Operation{
		ID: "token_refresh", Tag: "token", Summary: "Get new tokens for a refresh token", Open: true,
		Description: "A refresh token is valid once. If it is used a second time, its login ends, with all its tokens.",
		Input:       "JWTRefresh", Failures: []string{"Unauthorized"},
		Status: http.StatusOK, Result: "The tokens.", Output: "JWTPair",
	}
	docVerifyJWT = httpkit.Operation{
		ID: "token_verify", Tag: "token", Summary: "Verify a token", Open: true,
		Input: "JWTVerify", Failures: []string{"Unauthorized"},
		Status: http.StatusOK, Result: "The token is valid.", Output: "Empty",
	}
	docBlacklistJWT = httpkit.Operation{
		ID: "token_blacklist", Tag: "token", Summary: "Log out", Open: true,
		Description: "Ends the login of a refresh token, with all its tokens.",
		Input:       "JWTRefresh", Failures: []string{"Unauthorized"},
		Status: http.StatusOK, Result: "The login has ended.", Output: "Empty",
	}
	docTrash = httpkit.Operation{
		ID: "trash_list", Tag: "trash", Summary: "List deleted users",
		Description: "The last deleted first. A search looks at the last 20,000.",
		Query:       []string{"search", "page"},
		Status:      http.StatusOK, Result: "The page.", Output: "TrashedUserPage",
	}
	docRestore = httpkit.Operation{
		ID: "trash_restore", Tag: "trash", Summary: "Restore a deleted user",
		Description: "The user has its id, every field, and its subscription to mailings again. A username or e-mail address that another user has " +
			"is 400; send another one.",
		Input: "RestoreInput", Failures: []string{"Conflict"},
		Status: http.StatusOK, Result: "The user.", Output: "User",
	}
	docTokens = httpkit.Operation{
		ID: "tokens_list", Tag: "tokens", Summary: "List your API tokens",
		Query: []string{"page", "page_size"}, Failures: []string{"Forbidden"},
		Status: http.StatusOK, Result: "The page.", Output: "TokenPage",
	}
	docCreateToken = httpkit.Operation{
		ID: "tokens_create", Tag: "tokens", Summary: "Create an API token",
		Description: "The answer is the only one that has the token. A request that was authenticated by a token cannot create another.",
		Input:       "TokenInput", Failures: []string{"Forbidden"},
		Status: http.StatusCreated, Result: "The new token.", Output: "Token",
	}
	docToken = httpkit.Operation{
		ID: "tokens_read", Tag: "tokens", Summary: "Get one API token", Failures: []string{"Forbidden"},
		Status: http.StatusOK, Result: "The token.", Output: "Token",
	}
	docRevokeToken = httpkit.Operation{
		ID: "tokens_delete", Tag: "tokens", Summary: "Revoke an API token", Failures: []string{"Forbidden"},
		Status: http.StatusNoContent, Result: "The token is revoked.",
	}
	docRotateToken = httpkit.Operation{
		ID: "tokens_rotate", Tag: "tokens", Summary: "Replace an API token",
		Description: "The new token has the name, scopes and lifetime of the old one, which stays valid for `overlap_hours`.",
		Input:       "TokenRotation", Failures: []string{"Forbidden"},
		Status: http.StatusCreated, Result: "The new token.", Output: "Token",
	}
	docActiveCount = httpkit.Operation{
		ID: "users_active_count", Tag: "users", Summary: "Count the active users",
		Status: http.StatusOK, Result: "The number of users whose `is_active` is true.", Output: "ActiveCount",
	}
)

func namesOf(parameters []query.Parameter) (names []string) {
	for _, p := range parameters {
		names = append(names, p.Name)
	}
	return names
}
