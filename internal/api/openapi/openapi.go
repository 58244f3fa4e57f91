// Package openapi builds the OpenAPI document from the route table and the tables
// of fields.
package openapi

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"roster/internal/access"
	"roster/internal/httpkit"
	"roster/internal/user"
)

const introduction = `Every path ends with a slash; without it the response is a redirect (301).

The query parameter ` + "`format`" + ` or the header Accept chooses between JSON, which is described here,
and an HTML page for browsers, with the same statuses except 200 for 204.
Methods that a path does not have return 405. OPTIONS returns a description of the path, HEAD the
headers of GET.

Errors are objects: ` + "`detail`" + ` has a message or, for invalid fields, each field has a list of
messages.`

// Build returns the description of the routes and of the health checks as a
// valid OpenAPI 3.0.3 document, its references resolved.
func Build(routes []httpkit.Route, version string) (*openapi3.T, error) {
	doc := &openapi3.T{
		OpenAPI: "3.0.3",
		Info: &openapi3.Info{Title: "Roster API", Version: version, Description: introduction,
			License: &openapi3.License{Name: "MIT"}},
		Servers: openapi3.Servers{{URL: "/"}},
		Tags: openapi3.Tags{
			{Name: "users", Description: "The users of the table `t_users`."},
			{Name: "trash", Description: "Deleted users, which can be restored for `TRASH_KEEP_DAYS`."},
			{Name: "tasks", Description: "Background tasks and workers."},
			{Name: "schedules", Description: "Periodic tasks, in the tables of django-celery-beat."},
			{Name: "token", Description: "JSON Web Tokens, as of djangorestframework-simplejwt."},
			{Name: "tokens", Description: "The API tokens of your account."},
			{Name: "index", Description: "The URLs of the resources."},
			{Name: "health", Description: "For load balancers and supervisors."},
		},
		Components: &openapi3.Components{
			Schemas:    schemas(user.Table().Fields()),
			Responses:  failureResponses(),
			Parameters: parameters(),
			SecuritySchemes: openapi3.SecuritySchemes{
				"api_token": &openapi3.SecuritySchemeRef{Value: tokenScheme()},
				"jwt":       &openapi3.SecuritySchemeRef{Value: jwtScheme()},
				"session":   &openapi3.SecuritySchemeRef{Value: sessionScheme()},
				"basic":     &openapi3.SecuritySchemeRef{Value: basicScheme()},
			},
		},
		// One of the credentials, or none where API_PERMISSION allows it.
		Security: openapi3.SecurityRequirements{{"api_token": {}}, {"jwt": {}}, {"session": {}}, {"basic": {}}, {}},
		Paths:    openapi3.NewPaths(),
	}
	for _, r := range append(healthRoutes(), routes...) {
		if r.Doc.ID != "" {
			addRoute(doc.Paths, r)
		}
	}
	if err := openapi3.NewLoader().ResolveRefsIn(doc, nil); err != nil {
		return nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	return doc, nil
}

// addRoute adds a route to its path. The first route of a path of the API also adds
// OPTIONS.
func addRoute(paths *openapi3.Paths, r httpkit.Route) {
	item := paths.Value(r.Path)
	if item == nil {
		item = &openapi3.PathItem{}
		paths.Set(r.Path, item)
		if strings.Contains(r.Path, "{id}") {
			item.Parameters = openapi3.Parameters{parameterRef("id")}
		}
		if isResource(r) {
			item.Options = describeRoute(optionsRoute(r))
		}
	}
	item.SetOperation(r.Method, describeRoute(r))
}

// isResource reports whether the route follows the conventions of the API, unlike
// health checks.
func isResource(r httpkit.Route) bool { return strings.HasPrefix(r.Path, "/api/") }

// optionsRoute returns the OPTIONS route of a path, given its first route.
func optionsRoute(first httpkit.Route) httpkit.Route {
	return httpkit.Route{Method: http.MethodOptions, Path: first.Path, Permission: first.Permission, Doc: httpkit.Operation{
		ID: first.Doc.ID + "_metadata", Tag: first.Doc.Tag,
		Summary:     "Describe " + first.Path,
		Description: "The name of the path, its formats and, with permission to write, its fields.",
		Status:      http.StatusOK, Result: "The description.", Output: "Metadata",
	}}
}

func describeRoute(r httpkit.Route) *openapi3.Operation {
	op := &openapi3.Operation{
		OperationID: r.Doc.ID, Tags: []string{r.Doc.Tag},
		Summary: r.Doc.Summary, Description: r.Doc.Description,
		Responses: openapi3.NewResponses(),
	}
	if r.Doc.Open {
		op.Security = &openapi3.SecurityRequirements{}
	}
	for _, name := range r.Doc.Query {
		op.Parameters = append(op.Parameters, parameterRef(name))
	}
	if isResource(r) {
		op.Parameters = append(op.Parameters, parameterRef("format"))
	}
	if name := precondition(r); name != "" {
		op.Parameters = append(op.Parameters, parameterRef(name))
	}
	if r.Doc.Input != "" {
		op.RequestBody = requestBody(r)
	}
	addSuccess(op.Responses, r)
	for _, f := range failuresOf(r) {
		op.Responses.Set(f.code(), &openapi3.ResponseRef{Ref: "#/components/responses/" + f.name})
	}
	return op
}

// precondition returns the parameter with the known versions of the row, "" for
// none.
func precondition(r httpkit.Route) string {
	switch {
	case !r.Doc.Tagged || r.Method == http.MethodOptions:
		return ""
	case r.Method == http.MethodGet:
		return "if-none-match"
	default:
		return "if-match"
	}
}

// formInputs are the inputs that forms can have too: those without objects, whose
// members forms name as crontab.minute, which OpenAPI cannot describe.
var formInputs = []string{"UserInput", "UserPatch", "JWTCredentials", "JWTRefresh", "JWTVerify"}

// requestBody describes the body. It is optional for PATCH.
func requestBody(r httpkit.Route) *openapi3.RequestBodyRef {
	body := openapi3.NewRequestBody().WithRequired(r.Method != http.MethodPatch)
	body.Content = openapi3.Content{}
	formats := []string{"application/json"}
	if slices.Contains(formInputs, r.Doc.Input) {
		formats = append(formats, "application/x-www-form-urlencoded", "multipart/form-data")
	}
	for _, mediaType := range formats {
		body.Content[mediaType] = &openapi3.MediaType{Schema: schemaRef(r.Doc.Input)}
	}
	return &openapi3.RequestBodyRef{Value: body}
}

// addSuccess adds the responses of success.
func addSuccess(responses *openapi3.Responses, r httpkit.Route) {
	set := func(status int, meaning string, content openapi3.Content) {
		responses.Set(statusCode(status), response(meaning, content))
	}
	if r.Doc.Output == "" {
		set(r.Doc.Status, r.Doc.Result, nil)
		return
	}
	content := jsonContent(schemaRef(r.Doc.Output))
	if r.Doc.Unavailable != "" {
		set(http.StatusServiceUnavailable, r.Doc.Unavailable, content)
	}
	set(r.Doc.Status, r.Doc.Result, content)
	if precondition(r) != "" {
		responses.Status(r.Doc.Status).Value.Headers = openapi3.Headers{"ETag": {Value: etagHeader()}}
	}
	if precondition(r) == "if-none-match" {
		set(http.StatusNotModified, "The client has the current version.", nil)
	}
}

// failuresOf returns the failures of a route.
func failuresOf(r httpkit.Route) []failure {
	if !isResource(r) {
		return nil
	}
	names := []string{"Unauthorized", "TooManyRequests", "NotFound", "NotAcceptable", "InternalServerError", "ServiceUnavailable"}
	if r.Permission != access.Public {
		names = append(names, "Forbidden")
	}
	if len(r.Doc.Query) > 0 {
		names = append(names, "BadRequest")
	}
	if r.Doc.Input != "" {
		names = append(names, "BadRequest", "Conflict", "ContentTooLarge", "UnsupportedMediaType")
	}
	if r.Method != http.MethodGet && r.Method != http.MethodOptions {
		names = append(names, "InsufficientStorage")
	}
	if r.Method == http.MethodDelete {
		names = append(names, "Conflict") // rows of other tables may refer to it
	}
	if precondition(r) == "if-match" {
		names = append(names, "PreconditionFailed")
	}
	names = append(names, r.Doc.Failures...)
	return slices.DeleteFunc(slices.Clone(failures), func(f failure) bool { return !slices.Contains(names, f.name) })
}

func schemaRef(name string) *openapi3.SchemaRef {
	return &openapi3.SchemaRef{Ref: "#/components/schemas/" + name}
}

// parameterKey is the key of a parameter in components/parameters: generators
// name types by it, and the parameter task is no Task.
func parameterKey(name string) string { return name + "-parameter" }

func parameterRef(name string) *openapi3.ParameterRef {
	return &openapi3.ParameterRef{Ref: "#/components/parameters/" + parameterKey(name)}
}

// healthRoutes returns the health checks, which are served outside of the API.
func healthRoutes() []httpkit.Route {
	return []httpkit.Route{
		{Method: http.MethodGet, Path: "/healthz", Doc: httpkit.Operation{
			ID: "healthz", Tag: "health", Summary: "Check liveness",
			Status: http.StatusOK, Result: "The process is alive.", Output: "Health",
		}},
		{Method: http.MethodGet, Path: "/readyz", Doc: httpkit.Operation{
			ID: "readyz", Tag: "health", Summary: "Check readiness",
			Status: http.StatusOK, Result: "The process can serve requests.", Output: "Health",
			Unavailable: "The process cannot serve requests, or is stopping.",
		}},
	}
}
