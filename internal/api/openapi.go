package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"roster/internal/access"
	"roster/internal/user"
)

// operation is what the OpenAPI document says of a route beyond what follows
// from the route itself. The zero operation keeps a route out of the document.
type operation struct {
	id          string   // operationId, unique in the document
	tag         string   // the group that it is shown in
	summary     string   // one line without a full stop
	description string   // CommonMark
	query       []string // components/parameters beside format
	input       string   // the components/schemas of the body; "" when it has none
	status      int      // of success
	result      string   // what success means, a sentence
	output      string   // the components/schemas of success; "" for an empty body
	unavailable string   // of a health check: what 503 means; "" when there is none
}

const introduction = `Every path ends in a slash; without it the answer is a redirect (301).

The query parameter ` + "`format`" + ` or the header Accept chooses between JSON and a page for people.
A method that a path does not have is answered with 405, OPTIONS with a description of the path,
HEAD as GET without the body.

Whatever fails is answered with an object: ` + "`detail`" + ` says why, or, where fields are at fault,
each of them has a list of messages.`

// openAPI returns the description of the routes and of the health checks as a
// valid OpenAPI 3.0.3 document, its references resolved.
func openAPI(routes []route, version string) (*openapi3.T, error) {
	doc := &openapi3.T{
		OpenAPI: "3.0.3",
		Info:    &openapi3.Info{Title: "Roster API", Version: version, Description: introduction},
		Servers: openapi3.Servers{{URL: "/"}},
		Tags: openapi3.Tags{
			{Name: "users", Description: "The users of the table `t_users`."},
			{Name: "index", Description: "Where the resources are."},
			{Name: "health", Description: "For load balancers and supervisors."},
		},
		Components: &openapi3.Components{
			Schemas:    schemas(user.Fields()),
			Responses:  failureResponses(),
			Parameters: parameters(),
		},
		Paths: openapi3.NewPaths(),
	}
	for _, r := range append(healthRoutes(), routes...) {
		if r.doc.id != "" {
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

// addRoute adds a route to its path. A path of the API is given OPTIONS when
// it gets its first method.
func addRoute(paths *openapi3.Paths, r route) {
	item := paths.Value(r.path)
	if item == nil {
		item = &openapi3.PathItem{}
		paths.Set(r.path, item)
		if strings.Contains(r.path, "{id}") {
			item.Parameters = openapi3.Parameters{parameterRef("id")}
		}
		if isResource(r) {
			item.Options = describeRoute(optionsRoute(r))
		}
	}
	item.SetOperation(r.method, describeRoute(r))
}

// isResource reports whether the route follows the conventions of the API,
// which the health checks do not.
func isResource(r route) bool { return strings.HasPrefix(r.path, "/api/") }

// optionsRoute is the OPTIONS of the path that first belongs to.
func optionsRoute(first route) route {
	return route{method: http.MethodOptions, path: first.path, permission: first.permission, doc: operation{
		id: first.doc.id + "_metadata", tag: first.doc.tag,
		summary:     "Describe " + first.path,
		description: "The name of the path, its formats and, for those who may write, its fields.",
		status:      http.StatusOK, result: "The description.", output: "Metadata",
	}}
}

func describeRoute(r route) *openapi3.Operation {
	op := &openapi3.Operation{
		OperationID: r.doc.id, Tags: []string{r.doc.tag},
		Summary: r.doc.summary, Description: r.doc.description,
		Responses: openapi3.NewResponses(),
	}
	for _, name := range r.doc.query {
		op.Parameters = append(op.Parameters, parameterRef(name))
	}
	if isResource(r) {
		op.Parameters = append(op.Parameters, parameterRef("format"))
	}
	if name := precondition(r); name != "" {
		op.Parameters = append(op.Parameters, parameterRef(name))
	}
	if r.doc.input != "" {
		op.RequestBody = requestBody(r)
	}
	addSuccess(op.Responses, r)
	for _, f := range failuresOf(r) {
		op.Responses.Set(f.code(), &openapi3.ResponseRef{Ref: "#/components/responses/" + f.name})
	}
	return op
}

// precondition is the parameter with the states of the user that a request
// knows, "" where there is none.
func precondition(r route) string {
	switch {
	case !strings.Contains(r.path, "{id}") || r.method == http.MethodOptions:
		return ""
	case r.method == http.MethodGet:
		return "if-none-match"
	default:
		return "if-match"
	}
}

// requestBody describes the body in the three formats. A PATCH may come
// without one.
func requestBody(r route) *openapi3.RequestBodyRef {
	body := openapi3.NewRequestBody().WithRequired(r.method != http.MethodPatch)
	body.Content = openapi3.Content{}
	for _, mediaType := range []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data"} {
		body.Content[mediaType] = &openapi3.MediaType{Schema: schemaRef(r.doc.input)}
	}
	return &openapi3.RequestBodyRef{Value: body}
}

// addSuccess adds the answers of a request that went well. Where there is
// nothing to tell, a browser is shown a page all the same.
func addSuccess(responses *openapi3.Responses, r route) {
	set := func(status int, meaning string, content openapi3.Content) {
		responses.Set(statusCode(status), response(meaning, content))
	}
	if r.doc.output == "" {
		set(r.doc.status, r.doc.result, nil)
		set(http.StatusOK, r.doc.result, pageContent(nil))
		return
	}
	content := jsonContent(schemaRef(r.doc.output))
	if r.doc.unavailable != "" {
		set(http.StatusServiceUnavailable, r.doc.unavailable, content)
	}
	if isResource(r) {
		content = pageContent(content)
	}
	set(r.doc.status, r.doc.result, content)
	if precondition(r) == "if-none-match" {
		set(http.StatusNotModified, "The user is as the client knows it.", nil)
	}
}

// failuresOf returns how the route can fail, as follows from what it is.
func failuresOf(r route) []failure {
	if !isResource(r) {
		return nil
	}
	names := []string{"NotFound", "NotAcceptable", "InternalServerError", "ServiceUnavailable"}
	if r.permission != access.Public {
		names = append(names, "Forbidden")
	}
	if len(r.doc.query) > 0 {
		names = append(names, "BadRequest")
	}
	if r.doc.input != "" {
		names = append(names, "BadRequest", "Conflict", "ContentTooLarge", "UnsupportedMediaType")
	}
	if r.method != http.MethodGet && r.method != http.MethodOptions {
		names = append(names, "InsufficientStorage")
	}
	if precondition(r) == "if-match" {
		names = append(names, "PreconditionFailed")
	}
	if r.method == http.MethodPost {
		names = append(names, "UnprocessableContent")
	}
	return slices.DeleteFunc(slices.Clone(failures), func(f failure) bool { return !slices.Contains(names, f.name) })
}

func schemaRef(name string) *openapi3.SchemaRef {
	return &openapi3.SchemaRef{Ref: "#/components/schemas/" + name}
}

func parameterRef(name string) *openapi3.ParameterRef {
	return &openapi3.ParameterRef{Ref: "#/components/parameters/" + name}
}

// The operations of the REST API, named as drf-yasg names those of the reference.
var (
	docIndex = operation{
		id: "index", tag: "index", summary: "List the resources",
		status: http.StatusOK, result: "The addresses of the resources.", output: "Index",
	}
	docList = operation{
		id: "users_list", tag: "users", summary: "List all users",
		description: "One page of the users, newest first unless `ordering` says otherwise. A page that does not exist is answered with 404.",
		query:       []string{"search", "is_active", "ordering", "page"},
		status:      http.StatusOK, result: "The page.", output: "UserPage",
	}
	docCreate = operation{
		id: "users_create", tag: "users", summary: "Create a user",
		description: "The e-mail address is stored in lower case. A user is active unless `is_active` says otherwise; " +
			"in a form, as in a browser's, a box that is not ticked means false.",
		query:  []string{"idempotency-key"},
		input:  "UserInput",
		status: http.StatusCreated, result: "The new user.", output: "User",
	}
	docRead = operation{
		id: "users_read", tag: "users", summary: "Get one user",
		status: http.StatusOK, result: "The user.", output: "User",
	}
	docUpdate = operation{
		id: "users_update", tag: "users", summary: "Update a user",
		description: "Needs the required fields; the others keep their values when they are left out.",
		input:       "UserInput",
		status:      http.StatusOK, result: "The user as it is now.", output: "User",
	}
	docPartialUpdate = operation{
		id: "users_partial_update", tag: "users", summary: "Update some fields of a user",
		description: "Whatever is left out keeps its value.",
		input:       "UserPatch",
		status:      http.StatusOK, result: "The user as it is now.", output: "User",
	}
	docDelete = operation{
		id: "users_delete", tag: "users", summary: "Delete a user",
		status: http.StatusNoContent, result: "The user is deleted.",
	}
	docActiveCount = operation{
		id: "users_active_count", tag: "users", summary: "Count the active users",
		status: http.StatusOK, result: "The number of users whose `is_active` is true.", output: "ActiveCount",
	}
)

// healthRoutes are the health checks, which are served outside the API.
func healthRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/healthz", doc: operation{
			id: "healthz", tag: "health", summary: "Tell whether the process is alive",
			status: http.StatusOK, result: "It is.", output: "Health",
		}},
		{method: http.MethodGet, path: "/readyz", doc: operation{
			id: "readyz", tag: "health", summary: "Tell whether requests can be served",
			status: http.StatusOK, result: "They can.", output: "Health",
			unavailable: "They cannot, or the process is about to stop.",
		}},
	}
}
