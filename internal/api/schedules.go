package api

import (
	"net/http"
	"strconv"

	"roster/internal/access"
	"roster/internal/api/drf"
	"roster/internal/api/work"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/query"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

// listSchedules answers GET /api/schedules/.
func (a *API) listSchedules(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	f, err := scheduleFilter(r.URL.RawQuery)
	if err != nil {
		return err
	}
	total, err := a.Schedules.Count(r.Context(), actor, f)
	if err != nil {
		return err
	}
	return a.respondPage(w, r, total, func(offset int64) ([]byte, error) {
		rows, err := a.Schedules.List(r.Context(), actor, f, offset, a.pageSize(r))
		results := make([]work.Schedule, 0, len(rows))
		for _, row := range rows {
			results = append(results, work.NewSchedule(row, a.Schedules.Next(row)))
		}
		return work.Marshal(results), err
	})
}

// scheduleFilter parses the filter of a list.
func scheduleFilter(rawQuery string) (f periodic.Filter, err error) {
	var faults fault.Fields
	search, messages := query.ParseSearch(drf.LastValue(rawQuery, "search"))
	faults.Add("search", messages...)
	f.Enabled, messages = query.ParseChoice(drf.LastValue(rawQuery, "enabled"))
	faults.Add("enabled", messages...)
	f.Words, f.Task = query.Words(search), drf.LastValue(rawQuery, "task")
	return f, faults.Err()
}

// createSchedule answers POST /api/schedules/.
func (a *API) createSchedule(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	in, err := a.scheduleInput(r, form.Create)
	if err != nil {
		return err
	}
	row, err := a.Schedules.Create(r.Context(), actor, periodic.Read(in, form.Create))
	if err != nil {
		return err
	}
	return a.respondSchedule(w, http.StatusCreated, row)
}

// scheduleInput reads a body, and adds the unchecked boxes of a complete form.
func (a *API) scheduleInput(r *http.Request, mode form.Mode) (form.Input, error) {
	in, err := a.workInput(r)
	if err == nil && mode != form.Partial && work.IsForm(r.Header.Get("Content-Type")) {
		work.CompleteForm(in)
	}
	return in, err
}

// previewSchedule answers POST /api/schedules/preview/.
func (a *API) previewSchedule(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	in, err := a.scheduleInput(r, form.Create)
	if err != nil {
		return err
	}
	p, err := a.Schedules.Preview(r.Context(), actor, 0, periodic.Read(in, form.Partial))
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, work.Marshal(work.NewPreview(p)))
}

// showSchedule answers GET /api/schedules/{id}/. The entity tag covers only the
// editable fields, so it never answers 304.
func (a *API) showSchedule(w http.ResponseWriter, r *http.Request, actor access.Actor, id int64) error {
	row, err := a.Schedules.Find(r.Context(), actor, id)
	if err != nil {
		return err
	}
	return a.respondSchedule(w, http.StatusOK, row)
}

// respondSchedule answers with a schedule and its entity tag.
func (a *API) respondSchedule(w http.ResponseWriter, status int, row schedule.Row) error {
	w.Header()["Etag"] = []string{scheduleTag(row)}
	return respond(w, status, work.Marshal(work.NewSchedule(row, a.Schedules.Next(row))))
}

func scheduleTag(row schedule.Row) string {
	return `"` + strconv.FormatInt(row.ID, 10) + "-" + periodic.Version(row) + `"`
}

// updateSchedule answers PUT and PATCH /api/schedules/{id}/, as updateUser does.
func (a *API) updateSchedule(mode form.Mode) rowHandler {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor, id int64) error {
		if err := a.Schedules.Exists(r.Context(), actor, id); err != nil {
			return err
		}
		in, err := a.scheduleInput(r, mode)
		if err != nil {
			return err
		}
		row, err := a.expectingSchedule(r, id).Update(r.Context(), actor, id, periodic.Read(in, mode))
		if err != nil {
			return err
		}
		return a.respondSchedule(w, http.StatusOK, row)
	}
}

// expectingSchedule is expecting for schedules.
func (a *API) expectingSchedule(r *http.Request, id int64) *periodic.Schedules {
	versions, every := expectedVersions(r, id)
	if every {
		return a.Schedules
	}
	return a.Schedules.Expecting(versions...)
}

// deleteSchedule answers DELETE /api/schedules/{id}/.
func (a *API) deleteSchedule(w http.ResponseWriter, r *http.Request, actor access.Actor, id int64) error {
	if err := a.expectingSchedule(r, id).Delete(r.Context(), actor, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// runSchedule answers POST /api/schedules/{id}/run/.
func (a *API) runSchedule(w http.ResponseWriter, r *http.Request, actor access.Actor, id int64) error {
	taskID, err := a.Schedules.Run(r.Context(), actor, id)
	if err != nil {
		return err
	}
	return a.respondTask(w, r, http.StatusCreated, taskID)
}
