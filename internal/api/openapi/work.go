package openapi

import (
	"github.com/getkin/kin-openapi/openapi3"

	"roster/internal/api/work"
	"roster/internal/task"
	"roster/internal/task/periodic"
)

// property is a property of an object and its schema.
type property struct {
	name   string
	schema *openapi3.Schema
}

// whole returns an object that has all those properties.
func whole(properties ...property) *openapi3.Schema {
	s := openapi3.NewObjectSchema()
	for _, p := range properties {
		s.WithProperty(p.name, p.schema)
		s.Required = append(s.Required, p.name)
	}
	return s
}

// The types of properties.
func text() *openapi3.Schema    { return openapi3.NewStringSchema() }
func integer() *openapi3.Schema { return openapi3.NewInt64Schema() }
func truth() *openapi3.Schema   { return openapi3.NewBoolSchema() }
func moment() *openapi3.Schema  { return openapi3.NewStringSchema().WithFormat("date-time") }

func count() *openapi3.Schema { return openapi3.NewInt64Schema().WithMin(0) }

// anything is any JSON, or null: without a type, nullable has no effect
// (OpenAPI 3.0.3, Schema Object).
func anything() *openapi3.Schema { return openapi3.NewSchema() }

func maybe(s *openapi3.Schema) *openapi3.Schema { return s.WithNullable() }

func listOf(ref *openapi3.SchemaRef) *openapi3.Schema {
	s := openapi3.NewArraySchema()
	s.Items = ref
	return s
}

// maybeRef is a schema of components, or null.
func maybeRef(name string) *openapi3.Schema {
	s := openapi3.NewObjectSchema().WithNullable()
	s.AllOf = openapi3.SchemaRefs{schemaRef(name)}
	return s
}

func stateSchema() *openapi3.Schema {
	s := text()
	for _, state := range task.States() {
		s.Enum = append(s.Enum, string(state))
	}
	return s
}

// workSchemas returns the schemas of background work.
func workSchemas() openapi3.Schemas {
	return openapi3.Schemas{
		"Task":            taskSchema().NewRef(),
		"TaskProgress":    whole(property{"done", count()}, property{"total", maybe(count())}).NewRef(),
		"TaskInput":       taskInputSchema().NewRef(),
		"TaskPage":        workPage("Task").NewRef(),
		"TaskStats":       statsSchema().NewRef(),
		"TaskQueue":       whole(append([]property{{"name", text()}}, counts("pending", "running", "paused", "parked", "dead")...)...).NewRef(),
		"TaskRate":        whole(append([]property{{"start", moment()}}, counts("done", "dead", "canceled")...)...).NewRef(),
		"Worker":          workerSchema().NewRef(),
		"WorkerList":      whole(property{"results", listOf(schemaRef("Worker"))}).NewRef(),
		"Schedule":        scheduleSchema().NewRef(),
		"SchedulePage":    workPage("Schedule").NewRef(),
		"ScheduleInput":   scheduleInputSchema("name", "task").NewRef(),
		"SchedulePatch":   scheduleInputSchema().NewRef(),
		"SchedulePreview": whole(previewProperties()...).NewRef(),
		"Crontab":         groupSchema("crontab", true).NewRef(),
		"Interval":        groupSchema("interval", true).NewRef(),
		"Solar":           groupSchema("solar", true).NewRef(),
		"CrontabInput":    groupSchema("crontab", false).NewRef(),
		"IntervalInput":   groupSchema("interval", false).NewRef(),
		"SolarInput":      groupSchema("solar", false).NewRef(),
	}
}

func counts(names ...string) (all []property) {
	for _, name := range names {
		all = append(all, property{name, count()})
	}
	return all
}

func taskSchema() *openapi3.Schema {
	s := whole(
		property{"id", integer()}, property{"kind", text()}, property{"state", stateSchema()},
		property{"queue", text()}, property{"priority", integer()}, property{"args", anything()},
		property{"actor", text()}, property{"worker", maybe(text())},
		property{"runs", count()}, property{"attempts", count()}, property{"crashes", count()},
		property{"cancel_asked", truth()}, property{"pause_asked", truth()}, property{"progress", openapi3.NewObjectSchema()},
		property{"result", anything()}, property{"error", maybe(text())}, property{"waits_for", maybe(text())}, property{"stack", maybe(text())},
		property{"created_at", maybe(moment())}, property{"run_at", maybe(moment())}, property{"deadline", maybe(moment())},
		property{"started_at", maybe(moment())}, property{"finished_at", maybe(moment())},
		property{"seconds", maybe(openapi3.NewFloat64Schema())},
	)
	s.Properties["progress"] = schemaRef("TaskProgress")
	return s
}

func taskInputSchema() *openapi3.Schema {
	s := openapi3.NewObjectSchema()
	for _, f := range work.TaskFields() {
		s.WithProperty(f.Name, boundedSchema(f))
	}
	s.Required = []string{"kind"}
	s.Example = map[string]any{"kind": "noop", "args": map[string]any{"milliseconds": 10}}
	return s
}

func statsSchema() *openapi3.Schema {
	var states []property
	for _, s := range task.States() {
		states = append(states, property{string(s), count()})
	}
	return whole(
		property{"kinds", openapi3.NewArraySchema().WithItems(text())},
		property{"states", whole(states...)},
		property{"queues", listOf(schemaRef("TaskQueue"))},
		property{"step", stepSchema()},
		property{"rates", listOf(schemaRef("TaskRate"))},
	)
}

func stepSchema() *openapi3.Schema {
	return text().WithEnum(string(task.Minutely), string(task.Hourly), string(task.Daily))
}

func workerSchema() *openapi3.Schema {
	s := whole(
		property{"name", text()}, property{"queues", maybe(text())}, property{"concurrency", count()}, property{"running", count()},
		property{"started_at", maybe(moment())}, property{"seen_at", maybe(moment())},
	)
	s.Properties["queues"].Value.Description = "The names of its queues, between commas; null when it serves all."
	return s
}

func previewProperties() []property {
	problem := maybe(text())
	problem.Description = "Why it does not run here."
	when := text()
	when.Description = "The schedule in words."
	return []property{{"when", when}, {"next_runs", openapi3.NewArraySchema().WithItems(moment()).WithMaxItems(periodic.PreviewRuns)}, {"problem", problem}}
}

func scheduleSchema() *openapi3.Schema {
	return whole(append([]property{
		{"id", integer()}, {"name", text()}, {"task", text()}, {"description", text()}, {"enabled", truth()},
		{"crontab", maybeRef("Crontab")}, {"interval", maybeRef("Interval")}, {"solar", maybeRef("Solar")}, {"clocked", maybe(moment())},
		{"one_off", truth()}, {"start_time", maybe(moment())}, {"expires", maybe(moment())}, {"expire_seconds", maybe(integer())},
		{"args", anything()}, {"kwargs", anything()}, {"queue", maybe(text())}, {"priority", maybe(integer())},
		{"last_run_at", maybe(moment())}, {"total_run_count", count()}, {"date_changed", maybe(moment())},
	}, previewProperties()...)...)
}

// scheduleInputSchema describes what may be sent of a schedule.
func scheduleInputSchema(required ...string) *openapi3.Schema {
	s := openapi3.NewObjectSchema()
	for _, f := range periodic.Table().Fields() {
		if group, _ := work.Grouped(f.Name); group == "" {
			s.WithProperty(f.Name, boundedSchema(f))
		}
	}
	s.WithProperty("crontab", maybeRef("CrontabInput")).WithProperty("interval", maybeRef("IntervalInput")).WithProperty("solar", maybeRef("SolarInput"))
	s.Required = required
	s.Example = map[string]any{
		"name": "Daily report", "task": "generate_daily_report",
		"crontab": map[string]any{"minute": "30", "hour": "3", "timezone": "Europe/Berlin"},
		"kwargs":  map[string]any{"recipients": []any{"admin@example.com"}},
	}
	return s
}

// groupSchema describes the members of a group; those of an answer are all there.
func groupSchema(group string, answered bool) *openapi3.Schema {
	s := openapi3.NewObjectSchema()
	for _, f := range periodic.Table().Fields() {
		of, name := work.Grouped(f.Name)
		if of != group {
			continue
		}
		s.WithProperty(name, boundedSchema(f))
		if answered {
			s.Required = append(s.Required, name)
		}
	}
	return s
}

func workPage(of string) *openapi3.Schema {
	return whole(
		property{"count", count()}, property{"next", maybe(urlSchema())}, property{"previous", maybe(urlSchema())},
		property{"results", listOf(schemaRef(of))},
	)
}

// workParameters returns the parameters of lists and numbers of tasks and
// schedules.
func workParameters() openapi3.ParametersMap {
	all := openapi3.ParametersMap{}
	for name, p := range map[string]struct {
		schema *openapi3.Schema
		about  string
	}{
		"state":          {stateSchema(), "Only tasks in this state."},
		"kind":           {text(), "Only tasks of this kind."},
		"queue":          {text(), "Only tasks in this queue."},
		"created_after":  {moment(), "Only tasks that were made at this time or later."},
		"created_before": {moment(), "Only tasks that were made before this time."},
		"enabled":        {truth(), "Only schedules whose `enabled` is this."},
		"task":           {text(), "Only schedules of this task."},
		"step":           {stepSchema(), "The span of time of each rate; `hour` without it."},
		"count":          {openapi3.NewIntegerSchema().WithMin(1).WithMax(task.MaxRates), "How many rates; 24 without it."},
	} {
		all[name] = &openapi3.ParameterRef{Value: openapi3.NewQueryParameter(name).WithSchema(p.schema).WithDescription(p.about)}
	}
	return all
}
