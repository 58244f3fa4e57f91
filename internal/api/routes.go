package api

import (
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"

	"roster/internal/access"
	"roster/internal/api/decode"
	"roster/internal/api/openapi"
	"roster/internal/api/work"
	"roster/internal/httpkit"
	"roster/internal/task/periodic"
	"roster/internal/user"
)

type handler = httpkit.Handler

// route is one line of the table: what may be done where, by whom, and how it
// is documented.
type route struct {
	method     string
	path       string // "{id}" stands for one segment
	permission access.Permission
	handle     httpkit.Handler
	doc        openapi.Operation
}

// routes is the table of the REST API. HEAD follows GET; OPTIONS, the answer
// to other methods and the format suffixes are the same for all of them.
func (a *API) routes() []route {
	return []route{
		{"GET", "/api/", access.Public, a.showIndex, docIndex},
		{"GET", "/api/users/", access.ViewUser, a.listUsers, docList},
		{"POST", "/api/users/", access.AddUser, a.createUser, docCreate},
		{"GET", "/api/users/active_count/", access.ViewUser, a.countActiveUsers, docActiveCount},
		{"GET", "/api/users/{id}/", access.ViewUser, a.showUser, docRead},
		{"PUT", "/api/users/{id}/", access.ChangeUser, a.replaceUser, docUpdate},
		{"PATCH", "/api/users/{id}/", access.ChangeUser, a.patchUser, docPartialUpdate},
		{"DELETE", "/api/users/{id}/", access.DeleteUser, a.deleteUser, docDelete},

		{"GET", "/api/tasks/", access.Schedules.View(), a.listTasks, docTasks},
		{"POST", "/api/tasks/", access.Schedules.Add(), a.startTask, docStartTask},
		{"GET", "/api/tasks/stats/", access.Schedules.View(), a.showTaskStats, docTaskStats},
		{"GET", "/api/tasks/workers/", access.Schedules.View(), a.listWorkers, docWorkers},
		{"GET", "/api/tasks/{id}/", access.Schedules.View(), a.showTask, docTask},
		{"POST", "/api/tasks/{id}/cancel/", access.Schedules.Change(), a.cancelTask, docCancelTask},
		{"POST", "/api/tasks/{id}/retry/", access.Schedules.Change(), a.retryTask, docRetryTask},
		{"GET", "/api/schedules/", access.Schedules.View(), a.listSchedules, docSchedules},
		{"POST", "/api/schedules/", access.Schedules.Add(), a.createSchedule, docCreateSchedule},
		{"POST", "/api/schedules/preview/", access.Schedules.View(), a.previewSchedule, docPreviewSchedule},
		{"GET", "/api/schedules/{id}/", access.Schedules.View(), a.showSchedule, docSchedule},
		{"PUT", "/api/schedules/{id}/", access.Schedules.Change(), a.replaceSchedule, docUpdateSchedule},
		{"PATCH", "/api/schedules/{id}/", access.Schedules.Change(), a.patchSchedule, docPatchSchedule},
		{"DELETE", "/api/schedules/{id}/", access.Schedules.Delete(), a.deleteSchedule, docDeleteSchedule},
		{"POST", "/api/schedules/{id}/run/", access.Schedules.Change(), a.runSchedule, docRunSchedule},
	}
}

// documents is the table of the API's documentation.
func (a *API) documents() ([]route, error) {
	d, err := newDocs(a.Assets, newDocument(func() (*openapi3.T, error) { return buildOpenAPI(a.routes(), a.Version) }))
	if err != nil {
		return nil, err
	}
	return []route{
		{"GET", "/openapi.json", access.Public, d.showJSON, openapi.Operation{}},
		{"GET", "/openapi.yaml", access.Public, d.showYAML, openapi.Operation{}},
		{"GET", "/swagger.json", access.Public, d.showJSON, openapi.Operation{}},
		{"GET", "/swagger/", access.Public, d.showSwagger, openapi.Operation{}},
		{"GET", "/redoc/", access.Public, d.showRedoc, openapi.Operation{}},
	}, nil
}

// buildOpenAPI returns the OpenAPI document of the table.
func buildOpenAPI(table []route, version string) (*openapi3.T, error) {
	routes := make([]openapi.Route, len(table))
	for i, line := range table {
		routes[i] = openapi.Route{Method: line.method, Path: line.path, Permission: line.permission, Doc: line.doc}
	}
	return openapi.Build(routes, version)
}

// resource is what a path is called in OPTIONS metadata and on pages; those of
// users by the names that Django REST Framework derives from the reference's
// classes.
type resource struct {
	path, name, description string
	subject                 *subject
	suffixes                []string // further paths, with a format suffix
}

// resources are the paths of the table.
func resources() []resource {
	users, tasks, schedules := userSubject(), taskSubject(), scheduleSubject()
	return []resource{
		{"/api/", "Api Root", "The default basic root view for DefaultRouter", nil,
			[]string{"/api/.{format.}", "/api/.{format.}/"}},
		{"/api/users/", "T User List", "", users,
			[]string{"/api/users.{format.}", "/api/users.{format.}/"}},
		{"/api/users/active_count/", "Active count", "", nil, nil},
		{"/api/users/{id}/", "T User Instance", "", users,
			[]string{"/api/users/{id}.{format.}", "/api/users/{id}.{format.}/"}},

		{"/api/tasks/", "Task List", "Background work, the newest first.", tasks, nil},
		{"/api/tasks/stats/", "Task Stats", "How many there are, and how many ended in each span of time.", nil, nil},
		{"/api/tasks/workers/", "Worker List", "The workers that are there.", nil, nil},
		{"/api/tasks/{id}/", "Task Instance", "", tasks, nil},
		{"/api/tasks/{id}/cancel/", "Cancel", "End a task that waits or runs.", nil, nil},
		{"/api/tasks/{id}/retry/", "Retry", "Run a task again that is dead, canceled or parked.", nil, nil},
		{"/api/schedules/", "Schedule List", "Tasks that are started by the clock.", schedules, nil},
		{"/api/schedules/preview/", "Schedule Preview", "When a schedule would run.", schedules, nil},
		{"/api/schedules/{id}/", "Schedule Instance", "", schedules, nil},
		{"/api/schedules/{id}/run/", "Run", "Start the task of a schedule now.", nil, nil},
	}
}

// subject is what the rows of a path are: how they are described, read from
// bodies, and shown in forms.
type subject struct {
	noun   string // as in "Create a user"
	rows   string // the path of their list
	fields []user.Field
	blank  user.Input // what the form of a new row begins with
	read   func(contentType string, body []byte, mode user.Mode) (user.Input, error)
	// stored returns the row of the path as an input; nil when rows are not edited.
	stored func(a *API, r *http.Request, actor access.Actor) (user.Input, error)
}

func userSubject() *subject {
	return &subject{noun: "user", rows: "/api/users/", fields: user.Fields(), read: decode.Body, stored: (*API).storedUser}
}

func taskSubject() *subject {
	return &subject{noun: "task", rows: "/api/tasks/", fields: work.TaskFields(), blank: user.Input{"args": {Kind: user.Object, Text: "{}"}}, read: readWork}
}

func scheduleSubject() *subject {
	return &subject{noun: "schedule", rows: "/api/schedules/", fields: work.ScheduleFields(), blank: work.ScheduleInput(periodic.Blank()), read: readWork, stored: (*API).storedSchedule}
}

func readWork(contentType string, body []byte, _ user.Mode) (user.Input, error) {
	return work.ReadBody(contentType, body)
}

// storedUser returns the user of the path as the input that would make it.
func (a *API) storedUser(r *http.Request, actor access.Actor) (user.Input, error) {
	id, err := rowID(r)
	if err != nil {
		return nil, err
	}
	found, err := a.Users.Find(r.Context(), actor, id)
	if err != nil {
		return nil, err
	}
	return decode.Body(contentJSON[0], appendUser(nil, &found), user.Partial)
}

// storedSchedule returns the schedule of the path as the input that would make it.
func (a *API) storedSchedule(r *http.Request, actor access.Actor) (user.Input, error) {
	id, err := rowID(r)
	if err != nil {
		return nil, err
	}
	row, err := a.Schedules.Find(r.Context(), actor, id)
	return work.ScheduleInput(row), err
}
