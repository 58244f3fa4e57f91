package openapi

import (
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"roster/internal/api/work"
	"roster/internal/form"
	"roster/internal/task/periodic"
	"roster/internal/user"
)

// schemas returns components/schemas; those of users follow the fields.
func schemas(fields []form.Field) openapi3.Schemas {
	all := openapi3.Schemas{
		"User":          userSchema(fields).NewRef(),
		"UserInput":     inputSchema(fields, true).NewRef(),
		"UserPatch":     inputSchema(fields, false).NewRef(),
		"UserPage":      pageSchema(fields).NewRef(),
		"ActiveCount":   activeCountSchema().NewRef(),
		"Index":         object("users", urlSchema()).NewRef(),
		"FieldErrors":   fieldErrorsSchema(fields).NewRef(),
		"Detail":        object("detail", openapi3.NewStringSchema()).NewRef(),
		"Metadata":      metadataSchema().NewRef(),
		"FieldMetadata": fieldMetadataSchema().NewRef(),
		"Health":        healthSchema().NewRef(),
	}
	maps.Copy(all, workSchemas())
	maps.Copy(all, tokenSchemas())
	maps.Copy(all, jwtSchemas())
	maps.Copy(all, trashSchemas())
	for _, name := range []string{"tasks", "schedules", "tokens"} {
		all["Index"].Value.WithProperty(name, urlSchema())
		all["Index"].Value.Properties[name].Value.Description = "With permission to view it."
	}
	all["Index"].Value.Example = map[string]any{"users": "http://localhost:8000/api/users/"}
	all["Detail"].Value.Example = map[string]any{"detail": "Not found."}
	return all
}

// object returns an object with one property, which is always there.
func object(name string, property *openapi3.Schema) *openapi3.Schema {
	return openapi3.NewObjectSchema().WithProperty(name, property).WithRequired([]string{name})
}

func urlSchema() *openapi3.Schema { return openapi3.NewStringSchema().WithFormat("uri") }

// userSchema describes a user in responses. It has no limits of length, because a
// database that was taken over may have longer values.
func userSchema(fields []form.Field) *openapi3.Schema {
	s := openapi3.NewObjectSchema()
	for _, f := range fields {
		property := fieldSchema(f)
		property.ReadOnly = f.ReadOnly
		if f.Type == form.TypeDateTime {
			property.Nullable, property.Description = true, "Null if the stored value cannot be read."
		}
		s.WithProperty(f.Name, property)
		s.Required = append(s.Required, f.Name)
	}
	unreadable := openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema()).WithMinItems(1)
	unreadable.ReadOnly = true
	unreadable.Description = "The fields whose stored values cannot be read; absent if there are none. The next change of the user replaces times."
	s.WithProperty("unreadable", unreadable)
	s.Example = exampleOf(fields, false)
	return s
}

// inputSchema describes a request body without read-only fields, which are ignored.
// whole is false for PATCH, whose fields are all optional.
func inputSchema(fields []form.Field, whole bool) *openapi3.Schema {
	s := openapi3.NewObjectSchema()
	if whole {
		s.Description = formNote
	}
	for _, f := range fields {
		if f.ReadOnly {
			continue
		}
		s.WithProperty(f.Name, limitedSchema(f))
		if whole && f.Required {
			s.Required = append(s.Required, f.Name)
		}
	}
	s.Example = exampleOf(fields, true)
	if !whole {
		s.Example = map[string]any{"first_name": "Johnny", "is_active": false}
	}
	return s
}

// formNote explains missing fields in forms.
const formNote = "In JSON, a missing `is_active` is true for a new user and unchanged for an existing one. " +
	"In a form it is false, because browsers send nothing for an unchecked box."

// fieldSchema describes the type of a field.
func fieldSchema(f form.Field) *openapi3.Schema {
	s := openapi3.NewStringSchema()
	switch f.Type {
	case form.TypeInteger:
		s = openapi3.NewInt64Schema()
	case form.TypeBoolean:
		s = openapi3.NewBoolSchema()
	case form.TypeEmail:
		s.Format = "email"
	case form.TypeDateTime:
		s.Format = "date-time"
	case form.TypeFloat:
		s = openapi3.NewFloat64Schema()
	case form.TypeJSON:
		s = anything()
	case form.TypeString:
	}
	s.Title = f.Label
	s.Nullable = s.Nullable || f.Nullable
	return s
}

// boundedSchema describes the type of a field and its greatest length.
func boundedSchema(f form.Field) *openapi3.Schema {
	s := fieldSchema(f)
	if f.MaxLength > 0 {
		s.WithMaxLength(int64(f.MaxLength))
	}
	return s
}

// limitedSchema describes the type of a field and how long it may be, in code points.
func limitedSchema(f form.Field) *openapi3.Schema {
	s := boundedSchema(f)
	switch {
	case f.MinLength > 0:
		s.WithMinLength(int64(f.MinLength))
	case s.Type.Is(openapi3.TypeString) && !f.Blank:
		s.WithMinLength(1)
	}
	return s
}

func pageSchema(fields []form.Field) *openapi3.Schema {
	results := openapi3.NewArraySchema()
	results.Items = schemaRef("User")
	s := openapi3.NewObjectSchema().
		WithProperty("count", openapi3.NewInt64Schema().WithMin(0)).
		WithProperty("next", urlSchema().WithNullable()).
		WithProperty("previous", urlSchema().WithNullable()).
		WithProperty("results", results).
		WithRequired([]string{"next", "previous", "results"})
	s.Properties["count"].Value.Description = "The number of users on all pages. Pages of `cursor` do not have it."
	s.Properties["next"].Value.Description = "The next page; null on the last."
	s.Properties["previous"].Value.Description = "The page before; null on the first."
	s.Properties["results"].Value.Description = "The users of this page."
	s.Example = map[string]any{
		"count":    100,
		"next":     "http://localhost:8000/api/users/?page=3",
		"previous": "http://localhost:8000/api/users/",
		"results":  []any{exampleOf(fields, false)},
	}
	return s
}

func activeCountSchema() *openapi3.Schema {
	s := object("active_users_count", openapi3.NewInt64Schema().WithMin(0))
	s.Example = map[string]any{"active_users_count": 42}
	return s
}

// fieldErrorsSchema describes the messages by field. As every property is a
// list, it never matches a Detail.
func fieldErrorsSchema(fields []form.Field) *openapi3.Schema {
	messages := func() *openapi3.Schema {
		return openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema()).WithMinItems(1)
	}
	s := openapi3.NewObjectSchema().WithMinProperties(1).WithAdditionalProperties(messages())
	s.WithProperty("non_field_errors", messages())
	s.Properties["non_field_errors"].Value.Description = "What is wrong with the input as a whole."
	for _, p := range user.Parameters() {
		s.WithProperty(p.Name, messages())
		s.Properties[p.Name].Value.Description = "What is wrong with the parameter of the list."
	}
	for _, f := range slices.Concat(fields, work.TaskFields(), periodic.Table().Fields()) {
		if !f.ReadOnly {
			s.WithProperty(f.Name, messages())
		}
	}
	for _, name := range slices.Concat(work.Parameters(), tokenInputs, jwtInputs) {
		s.WithProperty(name, messages())
	}
	s.Example = exampleFieldErrors()
	return s
}

// metadataSchema describes the answer to OPTIONS.
func metadataSchema() *openapi3.Schema {
	list := openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema())
	byField := openapi3.NewObjectSchema()
	byField.AdditionalProperties.Schema = schemaRef("FieldMetadata")
	actions := openapi3.NewObjectSchema().WithProperty("POST", byField).WithProperty("PUT", byField)
	actions.Description = "The fields by method, for callers who may use it."
	s := openapi3.NewObjectSchema().
		WithProperty("name", openapi3.NewStringSchema()).
		WithProperty("description", openapi3.NewStringSchema()).
		WithProperty("renders", list).
		WithProperty("parses", list).
		WithProperty("actions", actions).
		WithRequired([]string{"name", "description", "renders", "parses"})
	s.Example = map[string]any{
		"name":        "T User List",
		"description": "",
		"renders":     []any{"application/json", "text/html"},
		"parses":      []any{"application/json", "application/x-www-form-urlencoded", "multipart/form-data"},
		"actions": map[string]any{"POST": map[string]any{"username": map[string]any{
			"type": "string", "required": true, "read_only": false, "label": "Username", "max_length": 100,
		}}},
	}
	return s
}

func fieldMetadataSchema() *openapi3.Schema {
	types := openapi3.NewStringSchema().WithEnum(
		string(form.TypeInteger), string(form.TypeString), string(form.TypeEmail), string(form.TypeBoolean), string(form.TypeDateTime),
		string(form.TypeFloat), string(form.TypeJSON))
	return openapi3.NewObjectSchema().
		WithProperty("type", types).
		WithProperty("required", openapi3.NewBoolSchema()).
		WithProperty("read_only", openapi3.NewBoolSchema()).
		WithProperty("label", openapi3.NewStringSchema()).
		WithProperty("max_length", openapi3.NewIntegerSchema().WithMin(1)).
		WithRequired([]string{"type", "required", "read_only", "label"})
}

// exampleOf returns a record with the examples of the fields, without those that
// are not taken from an input if it is one.
func exampleOf(fields []form.Field, input bool) map[string]any {
	example := map[string]any{}
	for _, f := range fields {
		if f.Example != nil && (!input || !f.ReadOnly) {
			example[f.Name] = f.Example
		}
	}
	return example
}

func exampleFieldErrors() map[string]any {
	return map[string]any{
		"username": []any{"This field is required."},
		"email":    []any{"Enter a valid email address."},
	}
}

// healthSchema describes the answer of a health check.
func healthSchema() *openapi3.Schema {
	checks := openapi3.NewObjectSchema().
		WithAdditionalProperties(openapi3.NewStringSchema().WithEnum("ok", "failed"))
	checks.Description = "Every part by its name."
	s := object("status", openapi3.NewStringSchema().WithEnum("ok", "failed", "draining")).WithProperty("checks", checks)
	s.Example = map[string]any{"status": "ok", "checks": map[string]any{"database": "ok"}}
	return s
}
