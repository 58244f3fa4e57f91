package work

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"roster/internal/task"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

// Task is a task as it is answered.
type Task struct {
	ID          int64           `json:"id"`
	Kind        string          `json:"kind"`
	State       task.State      `json:"state"`
	Queue       string          `json:"queue"`
	Priority    int             `json:"priority"`
	Args        json.RawMessage `json:"args"`
	Actor       string          `json:"actor"`
	Worker      *string         `json:"worker"`
	Runs        int             `json:"runs"`
	Attempts    int             `json:"attempts"`
	Crashes     int             `json:"crashes"`
	CancelAsked bool            `json:"cancel_asked"`
	PauseAsked  bool            `json:"pause_asked"`
	Progress    Progress        `json:"progress"`
	Result      json.RawMessage `json:"result"`
	Error       *string         `json:"error"`
	WaitsFor    *string         `json:"waits_for"`
	Stack       *string         `json:"stack"`
	CreatedAt   Time            `json:"created_at"`
	RunAt       Time            `json:"run_at"`
	Deadline    Time            `json:"deadline"`
	StartedAt   Time            `json:"started_at"`
	FinishedAt  Time            `json:"finished_at"`
	Seconds     *float64        `json:"seconds"`
}

// Progress is how much is done of how much.
type Progress struct {
	Done  int64  `json:"done"`
	Total *int64 `json:"total"` // null while unknown
}

// Time is a time as answers have it: in UTC, null for none.
type Time time.Time

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	at := time.Time(t).UTC()
	switch {
	case at.IsZero():
		return []byte("null"), nil
	case at.Nanosecond() == 0:
		return at.AppendFormat(nil, `"2006-01-02T15:04:05Z"`), nil
	}
	return at.AppendFormat(nil, `"2006-01-02T15:04:05.000000Z"`), nil
}

// NewTask returns the answer about a task.
func NewTask(t task.Task) Task {
	a := Task{
		ID: t.ID, Kind: t.Kind, State: t.State, Queue: t.Queue, Priority: t.Priority, Args: asJSON(t.Args), Actor: t.Actor,
		Worker: orNull(t.Worker), Runs: t.Runs, Attempts: t.Attempts, Crashes: t.Crashes, CancelAsked: t.CancelAsked, PauseAsked: t.PauseAsked,
		Progress: Progress{Done: t.Done}, Result: asJSON(t.Result), Error: orNull(t.Error), WaitsFor: orNull(t.Waits), Stack: orNull(t.Stack),
		CreatedAt: Time(t.At), RunAt: Time(t.RunAt), Deadline: Time(t.Deadline), StartedAt: Time(t.Started), FinishedAt: Time(t.Finished),
	}
	if t.Total > 0 {
		a.Progress.Total = &t.Total
	}
	if !t.Started.IsZero() && t.Finished.After(t.Started) {
		seconds := t.Finished.Sub(t.Started).Seconds()
		a.Seconds = &seconds
	}
	return a
}

// asJSON returns stored JSON; what is none, as another program may have left it,
// becomes a string.
func asJSON(stored []byte) json.RawMessage {
	if len(stored) == 0 {
		return json.RawMessage("null")
	}
	if json.Valid(stored) {
		return stored
	}
	return Marshal(string(stored))
}

func orNull[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// Marshal returns a value as JSON in which <, > and & are as they are. The value
// is one of this package's, which JSON can hold.
func Marshal(value any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return []byte("null")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Stats are the numbers of tasks.
type Stats struct {
	Kinds  []string             `json:"kinds"`
	States map[task.State]int64 `json:"states"`
	Queues []Queue              `json:"queues"`
	Step   task.Step            `json:"step"`
	Rates  []Rate               `json:"rates"`
}

// Queue is how many tasks of a queue there are that wait, run, are paused, parked or dead.
type Queue struct {
	Name    string `json:"name"`
	Pending int64  `json:"pending"`
	Running int64  `json:"running"`
	Paused  int64  `json:"paused"`
	Parked  int64  `json:"parked"`
	Dead    int64  `json:"dead"`
}

// Rate is how many tasks ended in a span of time.
type Rate struct {
	Start    Time  `json:"start"`
	Done     int64 `json:"done"`
	Dead     int64 `json:"dead"`
	Canceled int64 `json:"canceled"`
}

// NewStates returns the answer about states: each has its number.
func NewStates(counts map[task.State]int64) map[task.State]int64 {
	all := make(map[task.State]int64, len(task.States()))
	for _, s := range task.States() {
		all[s] = counts[s]
	}
	return all
}

// NewQueues returns the answer about queues, by their names.
func NewQueues(counts map[string]map[task.State]int64) []Queue {
	all := make([]Queue, 0, len(counts))
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		c := counts[name]
		all = append(all, Queue{Name: name, Pending: c[task.Pending], Running: c[task.Running], Paused: c[task.Paused], Parked: c[task.Parked], Dead: c[task.Dead]})
	}
	return all
}

// NewRates returns the answer about rates.
func NewRates(rates []task.Rate) []Rate {
	all := make([]Rate, 0, len(rates))
	for _, r := range rates {
		all = append(all, Rate{Start: Time(r.Start), Done: r.Done, Dead: r.Dead, Canceled: r.Canceled})
	}
	return all
}

// Worker is a worker as it is answered.
type Worker struct {
	Name        string  `json:"name"`
	Queues      *string `json:"queues"` // null: all
	Concurrency int     `json:"concurrency"`
	Running     int     `json:"running"`
	StartedAt   Time    `json:"started_at"`
	SeenAt      Time    `json:"seen_at"`
}

// NewWorkers returns the answer about workers.
func NewWorkers(workers []task.WorkerInfo) []Worker {
	all := make([]Worker, 0, len(workers))
	for _, w := range workers {
		all = append(all, Worker{
			Name: w.Name, Queues: orNull(w.Queues), Concurrency: w.Concurrency, Running: w.Running,
			StartedAt: Time(w.Started), SeenAt: Time(w.Seen),
		})
	}
	return all
}

// Schedule is a schedule as it is answered.
type Schedule struct {
	ID            int64           `json:"id"`
	Name          string          `json:"name"`
	Task          string          `json:"task"`
	Description   string          `json:"description"`
	Enabled       bool            `json:"enabled"`
	Crontab       *Crontab        `json:"crontab"`
	Interval      *Interval       `json:"interval"`
	Solar         *Solar          `json:"solar"`
	Clocked       Time            `json:"clocked"`
	OneOff        bool            `json:"one_off"`
	StartTime     Time            `json:"start_time"`
	Expires       Time            `json:"expires"`
	ExpireSeconds *int64          `json:"expire_seconds"`
	Args          json.RawMessage `json:"args"`
	Kwargs        json.RawMessage `json:"kwargs"`
	Queue         *string         `json:"queue"`
	Priority      *int            `json:"priority"`
	LastRunAt     Time            `json:"last_run_at"`
	TotalRunCount int64           `json:"total_run_count"`
	DateChanged   Time            `json:"date_changed"`
	Preview
}

// Preview is what a schedule will do.
type Preview struct {
	When     string  `json:"when"` // in words
	NextRuns []Time  `json:"next_runs"`
	Problem  *string `json:"problem"`
}

// Crontab is a crontab as it is answered.
type Crontab struct {
	Minute      string `json:"minute"`
	Hour        string `json:"hour"`
	DayOfWeek   string `json:"day_of_week"`
	DayOfMonth  string `json:"day_of_month"`
	MonthOfYear string `json:"month_of_year"`
	Timezone    string `json:"timezone"`
}

// Interval is an interval as it is answered.
type Interval struct {
	Every  int64  `json:"every"`
	Period string `json:"period"`
}

// Solar is an event of the sun as it is answered.
type Solar struct {
	Event     string  `json:"event"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// NewPreview returns the answer about what a schedule will do.
func NewPreview(p periodic.Preview) Preview {
	a := Preview{When: p.Describe, NextRuns: make([]Time, 0, len(p.Runs)), Problem: orNull(p.Problem)}
	for _, at := range p.Runs {
		a.NextRuns = append(a.NextRuns, Time(at))
	}
	return a
}

// NewSchedule returns the answer about a schedule and what it will do.
func NewSchedule(r schedule.Row, p periodic.Preview) Schedule {
	a := Schedule{
		ID: r.ID, Name: r.Name, Task: r.Task, Description: r.Description, Enabled: r.Enabled, Clocked: Time(r.Clocked), OneOff: r.OneOff,
		StartTime: Time(r.StartTime), Expires: Time(r.Expires), ExpireSeconds: orNull(r.ExpireSeconds),
		Args: asJSON([]byte(cmp.Or(r.Args, "[]"))), Kwargs: asJSON([]byte(cmp.Or(r.Kwargs, "{}"))), Queue: orNull(r.Queue), Priority: r.Priority,
		LastRunAt: Time(r.LastRunAt), TotalRunCount: r.TotalRunCount, DateChanged: Time(r.Changed), Preview: NewPreview(p),
	}
	if c := r.Crontab; c != nil {
		a.Crontab = &Crontab{c.Minute, c.Hour, c.DayOfWeek, c.DayOfMonth, c.MonthOfYear, c.Timezone}
	}
	if i := r.Interval; i != nil {
		a.Interval = &Interval{i.Every, i.Period}
	}
	if s := r.Solar; s != nil {
		a.Solar = &Solar{s.Event, s.Latitude, s.Longitude}
	}
	return a
}
