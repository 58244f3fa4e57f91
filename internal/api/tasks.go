package api

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"

	"roster/internal/access"
	"roster/internal/api/drf"
	"roster/internal/api/work"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/httpkit"
	"roster/internal/query"
	"roster/internal/task"
)

// listTasks answers GET /api/tasks/.
func (a *API) listTasks(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	f, err := taskFilter(r.URL.RawQuery)
	if err != nil {
		return err
	}
	number, err := pageNumber(r.URL.RawQuery)
	if err != nil {
		return err
	}
	size := a.pageSize(r)
	total, err := a.Tasks.CountFound(r.Context(), actor, f, counted(number, int64(size)))
	if err != nil {
		return err
	}
	return a.respondPage(w, r, total, func(offset int64) ([]byte, error) {
		tasks, err := a.Tasks.List(r.Context(), actor, f, offset, size)
		results := make([]work.Task, 0, len(tasks))
		for _, t := range tasks {
			results = append(results, work.NewTask(t))
		}
		return work.Marshal(results), err
	})
}

// minCounted is the number of tasks that are always counted exactly.
const minCounted = 10_000

// counted returns the number of tasks to count for a page: enough to know whether
// another page follows, all for the last page.
func counted(number, size int64) int64 {
	if number == query.LastPage || number >= math.MaxInt64/size {
		return math.MaxInt64
	}
	return max(minCounted, number*size+1)
}

// taskFilter parses the filter of a list.
func taskFilter(rawQuery string) (f task.Filter, err error) {
	value := func(name string) string { return drf.LastValue(rawQuery, name) }
	f.Kind, f.Queue = value("kind"), value("queue")
	if f.State, err = task.ParseState(value("state")); err != nil {
		return f, err
	}
	var faults fault.Fields
	for name, into := range map[string]*time.Time{"created_after": &f.From, "created_before": &f.Before} {
		text := value(name)
		if text == "" {
			continue
		}
		at, ok := form.ParseTime(text, time.UTC)
		if !ok {
			faults.Add(name, strconv.Quote(text)+" is not a time such as 2027-01-31T13:45:00Z.")
		}
		*into = at
	}
	return f, faults.Err()
}

// respondPage answers with the requested page of a list. results returns the JSON
// of the rows at an offset.
func (a *API) respondPage(w http.ResponseWriter, r *http.Request, total int64, results func(offset int64) ([]byte, error)) error {
	number, err := pageNumber(r.URL.RawQuery)
	if err != nil {
		return err
	}
	size := int64(a.pageSize(r))
	place, err := query.NewPage(number, total, size)
	if err != nil {
		return err
	}
	page := keptPage{Page: place}
	if page.results, err = results((page.Number - 1) * size); err != nil {
		return err
	}
	return respond(w, http.StatusOK, appendPage(nil, r, page))
}

// startTask answers POST /api/tasks/.
func (a *API) startTask(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	in, err := a.workInput(r)
	if err != nil {
		return err
	}
	start, err := work.ReadStart(in)
	if err != nil {
		return err
	}
	id, err := a.Tasks.Start(r.Context(), actor, start.Kind, json.RawMessage(start.Args), start.Queue)
	if err != nil {
		return err
	}
	return a.respondTask(w, r, http.StatusCreated, id)
}

// workInput reads the body of a request on tasks or schedules.
func (a *API) workInput(r *http.Request) (form.Input, error) {
	body, err := httpkit.ReadBody(r)
	if err != nil {
		return nil, err
	}
	return work.ReadBody(r.Header.Get("Content-Type"), body)
}

// respondTask answers with a task that the actor has just started or changed.
func (a *API) respondTask(w http.ResponseWriter, r *http.Request, status int, id int64) error {
	t, err := a.Tasks.Find(query.Fresh(r.Context()), access.System("api"), id)
	if err != nil {
		return err
	}
	return respond(w, status, work.Marshal(work.NewTask(t)))
}

// showTask answers GET /api/tasks/{id}/.
func (a *API) showTask(w http.ResponseWriter, r *http.Request, actor access.Actor, id int64) error {
	t, err := a.Tasks.Find(r.Context(), actor, id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, work.Marshal(work.NewTask(t)))
}

// steerTask returns the handler of an action on a task.
func (a *API) steerTask(do func(context.Context, access.Actor, int64) error) rowHandler {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor, id int64) error {
		if err := do(r.Context(), actor, id); err != nil {
			return err
		}
		return a.respondTask(w, r, http.StatusOK, id)
	}
}

// listWorkers answers GET /api/tasks/workers/.
func (a *API) listWorkers(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	workers, err := a.Tasks.Workers(r.Context(), actor)
	if err != nil {
		return err
	}
	body := append([]byte(`{"results":`), work.Marshal(work.NewWorkers(workers))...)
	return respond(w, http.StatusOK, append(body, '}'))
}

// showTaskStats answers GET /api/tasks/stats/.
func (a *API) showTaskStats(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	step, count, err := rateQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	rates, err := a.Tasks.Rates(r.Context(), actor, step, count)
	if err != nil {
		return err
	}
	states, err := a.Tasks.Count(r.Context(), actor)
	if err != nil {
		return err
	}
	queues, err := a.Tasks.Queues(r.Context(), actor)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, work.Marshal(work.Stats{
		Kinds: a.Tasks.Kinds().Names(), States: work.NewStates(states), Queues: work.NewQueues(queues),
		Step: step, Rates: work.NewRates(rates),
	}))
}

// rateQuery parses the period and the number of rates. The default is the last day
// by the hour.
func rateQuery(rawQuery string) (task.Step, int, error) {
	step, count := task.Hourly, int64(24)
	if text := drf.LastValue(rawQuery, "step"); text != "" {
		step = task.Step(text)
	}
	if text := drf.LastValue(rawQuery, "count"); text != "" {
		n, ok, _ := drf.ParseInt(text)
		if !ok {
			var faults fault.Fields
			faults.Add("count", strconv.Quote(text)+" is not a whole number.")
			return step, 0, faults.Err()
		}
		count = min(max(n, 0), task.MaxRates+1)
	}
	return step, int(count), nil
}
