package api

import (
	"net/http"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"roster/internal/access"
	"roster/internal/api/openapi"
	"roster/internal/api/work"
	"roster/internal/form"
	"roster/internal/httpkit"
	"roster/internal/task/periodic"
	"roster/internal/user"
)

// routes is the table of the REST API. HEAD follows GET; OPTIONS, the answer
// to other methods and the format suffixes are the same for all of them.
func (a *API) routes() []httpkit.Route {
	return []httpkit.Route{
		route("GET", "/api/", access.Public, a.showIndex, docIndex),
		route("GET", "/api/users/", access.ViewUser, a.listUsers, docList),
		long(route("POST", "/api/users/", access.AddUser, a.createUser, docCreate)),
		route("GET", "/api/users/active_count/", access.ViewUser, a.countActiveUsers, docActiveCount),
		route("GET", "/api/users/{id}/", access.ViewUser, row(a.showUser), docRead),
		long(route("PUT", "/api/users/{id}/", access.ChangeUser, row(a.updateUser(form.Replace)), docUpdate)),
		long(route("PATCH", "/api/users/{id}/", access.ChangeUser, row(a.updateUser(form.Partial)), docPartialUpdate)),
		route("DELETE", "/api/users/{id}/", access.DeleteUser, row(a.deleteUser), docDelete),

		route("GET", "/api/trash/", access.ViewUser, a.listTrash, docTrash),
		route("POST", "/api/trash/{id}/restore/", access.AddUser, row(a.restoreUser), docRestore),

		route("GET", "/api/tasks/", access.Schedules.View(), a.listTasks, docTasks),
		route("POST", "/api/tasks/", access.Schedules.Add(), a.startTask, docStartTask),
		route("GET", "/api/tasks/stats/", access.Schedules.View(), a.showTaskStats, docTaskStats),
		route("GET", "/api/tasks/workers/", access.Schedules.View(), a.listWorkers, docWorkers),
		route("GET", "/api/tasks/{id}/", access.Schedules.View(), row(a.showTask), docTask),
		route("POST", "/api/tasks/{id}/cancel/", access.Schedules.Change(), row(a.steerTask(a.Tasks.Cancel)), docCancelTask),
		route("POST", "/api/tasks/{id}/retry/", access.Schedules.Change(), row(a.steerTask(a.Tasks.Retry)), docRetryTask),
		route("POST", "/api/tasks/{id}/pause/", access.Schedules.Change(), row(a.steerTask(a.Tasks.Pause)), docPauseTask),
		route("POST", "/api/tasks/{id}/resume/", access.Schedules.Change(), row(a.steerTask(a.Tasks.Resume)), docResumeTask),
		route("POST", "/api/tasks/{id}/resend/", access.Schedules.Change(), row(a.steerTask(a.Tasks.Resend)), docResendTask),
		route("GET", "/api/schedules/", access.Schedules.View(), a.listSchedules, docSchedules),
		route("POST", "/api/schedules/", access.Schedules.Add(), a.createSchedule, docCreateSchedule),
		route("POST", "/api/schedules/preview/", access.Schedules.View(), a.previewSchedule, docPreviewSchedule),
		route("GET", "/api/schedules/{id}/", access.Schedules.View(), row(a.showSchedule), docSchedule),
		route("PUT", "/api/schedules/{id}/", access.Schedules.Change(), row(a.updateSchedule(form.Replace)), docUpdateSchedule),
		route("PATCH", "/api/schedules/{id}/", access.Schedules.Change(), row(a.updateSchedule(form.Partial)), docPatchSchedule),
		route("DELETE", "/api/schedules/{id}/", access.Schedules.Delete(), row(a.deleteSchedule), docDeleteSchedule),
		route("POST", "/api/schedules/{id}/run/", access.Schedules.Change(), row(a.runSchedule), docRunSchedule),

		route("POST", "/api/token/", access.Public, serveJWT(obtainFields, a.obtainJWT), docObtainJWT),
		route("POST", "/api/token/refresh/", access.Public, serveJWT(refreshFields, a.refreshJWT), docRefreshJWT),
		route("POST", "/api/token/verify/", access.Public, serveJWT(verifyFields, a.verifyJWT), docVerifyJWT),
		route("POST", "/api/token/blacklist/", access.Public, serveJWT(blacklistFields, a.blacklistJWT), docBlacklistJWT),

		// The service checks that the sender has an account.
		route("GET", "/api/tokens/", access.Public, a.listTokens, docTokens),
		route("POST", "/api/tokens/", access.Public, a.createToken, docCreateToken),
		route("GET", "/api/tokens/{id}/", access.Public, row(a.showToken), docToken),
		route("DELETE", "/api/tokens/{id}/", access.Public, row(a.revokeToken), docRevokeToken),
		route("POST", "/api/tokens/{id}/rotate/", access.Public, row(a.rotateToken), docRotateToken),
	}
}

// route returns a line of the table.
func route(method, path string, permission access.Permission, h httpkit.Handler, doc httpkit.Operation) httpkit.Route {
	return httpkit.Route{Method: method, Path: path, Permission: permission, Handle: h, Doc: doc}
}

// The limits of bodies in bytes. The reference reads users of several megabytes, and
// reports field by field what is too long.
const (
	maxBody = 1 << 20
	maxUser = 8 << 20
)

// long returns the route with the limit of users.
func long(r httpkit.Route) httpkit.Route {
	r.MaxBody = maxUser
	return r
}

// documents is the table of the API's documentation.
func (a *API) documents() ([]httpkit.Route, error) {
	d, err := newDocs(a.Assets, newDocument(func() (*openapi3.T, error) { return openapi.Build(a.routes(), a.Version) }))
	if err != nil {
		return nil, err
	}
	return []httpkit.Route{
		httpkit.Get("/openapi.json", access.Public, d.showJSON),
		httpkit.Get("/openapi.yaml", access.Public, d.showYAML),
		httpkit.Get("/swagger.json", access.Public, d.showJSON),
		httpkit.Get("/swagger/", access.Public, d.showSwagger),
		httpkit.Get("/redoc/", access.Public, d.showRedoc),
		httpkit.Get("/.well-known/jwks.json", access.Public, a.showKeys),
	}, nil
}

// resource has the name and the description of a path, for OPTIONS and pages. The
// names of users are those that Django REST Framework derives from the reference.
type resource struct {
	path, name, description string
	subject                 *subject
	suffixes                []string // additional paths with a format suffix
}

// resources returns the paths of the table.
func resources() []resource {
	users, tasks, schedules, tokens := userSubject(), taskSubject(), scheduleSubject(), tokenSubject()
	return append(jwtResources(), []resource{
		{"/api/", "Api Root", "The default basic root view for DefaultRouter", nil,
			[]string{"/api/.{format.}", "/api/.{format.}/"}},
		{"/api/users/", "T User List", "", users,
			[]string{"/api/users.{format.}", "/api/users.{format.}/"}},
		{"/api/users/active_count/", "Active count", "", nil, nil},
		{"/api/users/{id}/", "T User Instance", "", users,
			[]string{"/api/users/{id}.{format.}", "/api/users/{id}.{format.}/"}},

		{"/api/trash/", "Trash List", "Deleted users, the last deleted first.", nil, nil},
		{"/api/trash/{id}/restore/", "Restore", "Restore a deleted user.", nil, nil},

		{"/api/tasks/", "Task List", "Background tasks, newest first.", tasks, nil},
		{"/api/tasks/stats/", "Task Stats", "Numbers of tasks, and of finished tasks per period.", nil, nil},
		{"/api/tasks/workers/", "Worker List", "The running workers.", nil, nil},
		{"/api/tasks/{id}/", "Task Instance", "", tasks, nil},
		{"/api/tasks/{id}/cancel/", "Cancel", "Cancel a pending or running task.", nil, nil},
		{"/api/tasks/{id}/retry/", "Retry", "Retry a dead, canceled or parked task.", nil, nil},
		{"/api/tasks/{id}/pause/", "Pause", "Pause a pending or running mailing.", nil, nil},
		{"/api/tasks/{id}/resume/", "Resume", "Continue a paused mailing.", nil, nil},
		{"/api/tasks/{id}/resend/", "Resend", "Send a finished mailing to those not reached.", nil, nil},
		{"/api/schedules/", "Schedule List", "Tasks that start on a schedule.", schedules, nil},
		{"/api/schedules/preview/", "Schedule Preview", "When a schedule would run.", schedules, nil},
		{"/api/schedules/{id}/", "Schedule Instance", "", schedules, nil},
		{"/api/schedules/{id}/run/", "Run", "Start the task of a schedule now.", nil, nil},

		{"/api/tokens/", "Token List", "The API tokens of your account, newest first.", tokens, nil},
		{"/api/tokens/{id}/", "Token Instance", "", tokens, nil},
		{"/api/tokens/{id}/rotate/", "Rotate", "Replace a token by a new one.", nil, nil},
	}...)
}

// subject describes the rows of a path: their fields, and how bodies are read.
type subject struct {
	title  string // of the form that creates one; "" for "Create a " and the noun
	noun   string // as in "Create a user"
	rows   string // the path of their list
	fields []form.Field
	blank  form.Input // the initial values of a form
	read   func(contentType, body string, mode form.Mode) (form.Input, error)
	// stored returns the row in the path as an input; nil if rows cannot be edited.
	stored func(a *API, r *http.Request, actor access.Actor) (form.Input, error)
}

func userSubject() *subject {
	return &subject{noun: "user", rows: "/api/users/", fields: user.Table().Fields(), read: readUser, stored: (*API).storedUser}
}

func taskSubject() *subject {
	return &subject{noun: "task", rows: "/api/tasks/", fields: work.TaskFields(), blank: form.Input{"args": {Kind: form.Object, Text: "{}"}}, read: readWork}
}

func scheduleSubject() *subject {
	return &subject{noun: "schedule", rows: "/api/schedules/", fields: periodic.Table().Fields(), blank: blankSchedule(), read: readWork, stored: (*API).storedSchedule}
}

func tokenSubject() *subject {
	blank := form.Input{"scopes": {Kind: form.List, Text: "[]"}, "expires_in_days": {Kind: form.Integer, Text: strconv.Itoa(defaultTokenDays)}}
	return &subject{noun: "token", rows: "/api/tokens/", fields: tokenFields.Fields(), blank: blank, read: readToken}
}

func blankSchedule() form.Input {
	row := periodic.Blank()
	return periodic.Table().Input(&row)
}

func readWork(contentType, body string, _ form.Mode) (form.Input, error) {
	return work.ReadBody(contentType, body)
}

// storedUser returns the user in the path as an input.
func (a *API) storedUser(r *http.Request, actor access.Actor) (form.Input, error) {
	id, err := rowID(r)
	if err != nil {
		return nil, err
	}
	found, err := a.Users.Find(r.Context(), actor, id)
	if err != nil {
		return nil, err
	}
	return user.Table().Input(&found), nil
}

// storedSchedule returns the schedule in the path as an input.
func (a *API) storedSchedule(r *http.Request, actor access.Actor) (form.Input, error) {
	id, err := rowID(r)
	if err != nil {
		return nil, err
	}
	row, err := a.Schedules.Find(r.Context(), actor, id)
	return periodic.Table().Input(&row), err
}
