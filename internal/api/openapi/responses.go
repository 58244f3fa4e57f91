package openapi

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"roster/internal/user"
)

// failure is a response for a failed request.
type failure struct {
	name        string // in components/responses
	status      int
	description string
	detail      string // an example of its message
}

// failures has all failures by status. No operation has 405, the response to
// methods that do not exist.
var failures = []failure{
	{"BadRequest", http.StatusBadRequest, "The body cannot be parsed, or fields or parameters are invalid.",
		"JSON parse error - Expecting value: line 1 column 14 (char 13)"},
	{"Unauthorized", http.StatusUnauthorized, "The token is unknown, expired or revoked, the password is wrong, or the account is not active.", "Invalid token."},
	{"Forbidden", http.StatusForbidden, "The caller is not authenticated or does not have permission.",
		"Authentication credentials were not provided."},
	{"NotFound", http.StatusNotFound, "The row, page or format does not exist.", "Not found."},
	{"NotAcceptable", http.StatusNotAcceptable, "No format satisfies the header Accept.",
		"Could not satisfy the request Accept header."},
	{"Conflict", http.StatusConflict, "The state does not allow the change, or it conflicts with a concurrent one; nothing was stored.",
		"Another user has this username or e-mail address."},
	{"PreconditionFailed", http.StatusPreconditionFailed, "The row does not match the header `If-Match`; nothing was stored.",
		"The user was changed in the meantime."},
	{"ContentTooLarge", http.StatusRequestEntityTooLarge, "The body exceeds the limit.", "The request body is too large."},
	{"UnsupportedMediaType", http.StatusUnsupportedMediaType, "The format of the body is not supported.",
		`Unsupported media type "text/plain" in request.`},
	{"UnprocessableContent", http.StatusUnprocessableEntity, "The `Idempotency-Key` was used for another request.",
		"This Idempotency-Key was used for another request."},
	{"TooManyRequests", http.StatusTooManyRequests, "The account or the address has used up its quota; see the headers `RateLimit` and `Retry-After`.",
		"Request was throttled. Expected available in 30 seconds."},
	{"InternalServerError", http.StatusInternalServerError, "An internal error; the log of the server has details.", "A server error occurred."},
	{"ServiceUnavailable", http.StatusServiceUnavailable, "Temporarily unavailable; the same request may succeed later.",
		"The database is busy. Try again."},
	{"InsufficientStorage", http.StatusInsufficientStorage, "There is no space left; reads still work.",
		"There is no space left to store this."},
}

func (f failure) code() string { return statusCode(f.status) }

func statusCode(status int) string { return strconv.Itoa(status) }

// failureResponses returns components/responses.
func failureResponses() openapi3.ResponseBodies {
	bodies := openapi3.ResponseBodies{}
	for _, f := range failures {
		content := jsonContent(schemaRef("Detail"))
		content["application/json"].Example = map[string]any{"detail": f.detail}
		switch f.status {
		case http.StatusBadRequest:
			content = badRequestContent(f)
		case http.StatusUnauthorized:
			content["application/json"].Schema = schemaRef("CredentialError")
		}
		bodies[f.name] = response(f.description, content)
	}
	bodies["ServiceUnavailable"].Value.Headers = openapi3.Headers{"Retry-After": {Value: &openapi3.Header{
		Parameter: openapi3.Parameter{
			Description: "Seconds to wait before the next attempt.",
			Schema:      openapi3.NewIntegerSchema().WithMin(0).NewRef(),
		},
	}}}
	return bodies
}

func response(description string, content openapi3.Content) *openapi3.ResponseRef {
	return &openapi3.ResponseRef{Value: openapi3.NewResponse().WithDescription(description).WithContent(content)}
}

// etagHeader describes the header with the version of a row.
func etagHeader() *openapi3.Header {
	return &openapi3.Header{Parameter: openapi3.Parameter{
		Description: "The version of the row, for `If-Match` and `If-None-Match`.", Schema: openapi3.NewStringSchema().NewRef(),
	}}
}

// badRequestContent describes the two shapes of a 400.
func badRequestContent(f failure) openapi3.Content {
	either := &openapi3.Schema{OneOf: openapi3.SchemaRefs{schemaRef("FieldErrors"), schemaRef("Detail")}}
	content := jsonContent(either.NewRef())
	content["application/json"].Examples = openapi3.Examples{
		"fields": {Value: &openapi3.Example{Summary: "Fields are not valid", Value: exampleFieldErrors()}},
		"body":   {Value: &openapi3.Example{Summary: "The body cannot be read", Value: map[string]any{"detail": f.detail}}},
	}
	return content
}

func jsonContent(schema *openapi3.SchemaRef) openapi3.Content {
	return openapi3.Content{"application/json": {Schema: schema}}
}

// parameters returns components/parameters.
func parameters() openapi3.ParametersMap {
	id := openapi3.NewPathParameter("id").WithSchema(openapi3.NewInt64Schema().WithMin(1)).
		WithDescription("The ID of the row.")
	id.Example = 1
	page := openapi3.NewQueryParameter("page").
		WithSchema(openapi3.NewStringSchema().WithPattern("^([1-9][0-9]*|last)$")).
		WithDescription("The number of the page, from 1, or `last`.")
	page.Example = "2"
	size := openapi3.NewQueryParameter("page_size").
		WithSchema(openapi3.NewInt64Schema().WithMin(1)).
		WithDescription("The number of rows on a page, by default `PAGE_SIZE`. More than 1000 count as 1000.")
	size.Example = 100
	cursor := openapi3.NewQueryParameter("cursor").
		WithSchema(openapi3.NewStringSchema().WithPattern("^[A-Za-z0-9_-]*$")).
		WithDescription("Empty for the first page, then the value in `next` or `previous`. The users are ordered by one of `created_at`, `email`, `id`, " +
			"`updated_at` and `username`. The response has no `count`.")
	cursor.Example = ""
	format := openapi3.NewQueryParameter("format").
		WithSchema(openapi3.NewStringSchema().WithEnum("json", "api")).
		WithDescription("`json`, or `api` for an HTML page. By default the header Accept decides.")
	key := openapi3.NewHeaderParameter("Idempotency-Key").
		WithSchema(openapi3.NewStringSchema().WithPattern("^[!-~]+$").WithMaxLength(255)).
		WithDescription("A unique key for this request, such as a UUID. A retry with the same key within 24 hours returns the first response " +
			"and does not create a second user.")
	key.Example = "8e03978e-40d5-43dd-bc93-6894a57f9324"
	all := openapi3.ParametersMap{"id": {Value: id}, "page": {Value: page}, "page_size": {Value: size}, "cursor": {Value: cursor}, "format": {Value: format}, "idempotency-key": {Value: key}}
	maps.Copy(all, listParameters())
	maps.Copy(all, workParameters())
	maps.Copy(all, preconditions())
	keyed := openapi3.ParametersMap{}
	for name, p := range all {
		describeExample(p.Value)
		keyed[parameterKey(name)] = p
	}
	return keyed
}

// describeExample moves the example of an optional parameter to its description:
// Swagger UI fills it in, and would send it with every request.
func describeExample(p *openapi3.Parameter) {
	if !p.Required && p.Example != nil {
		p.Description += fmt.Sprintf(" Example: `%v`.", p.Example)
		p.Example = nil
	}
}

// listParameters returns the parameters of the list of users.
func listParameters() openapi3.ParametersMap {
	all := openapi3.ParametersMap{}
	for _, p := range user.Parameters() {
		described := openapi3.NewQueryParameter(p.Name).WithSchema(boundedSchema(p.Field)).WithDescription(p.About)
		described.Example = p.Example
		all[p.Name] = &openapi3.ParameterRef{Value: described}
	}
	return all
}

// preconditions returns the parameters with the known versions of a row.
func preconditions() openapi3.ParametersMap {
	known := openapi3.NewHeaderParameter("If-None-Match").WithSchema(openapi3.NewStringSchema()).
		WithDescription("The `ETag` of an earlier response. If the row has not changed, the response is 304 without a body.")
	meant := openapi3.NewHeaderParameter("If-Match").WithSchema(openapi3.NewStringSchema()).
		WithDescription("The `ETag` of the row to change. If the row has changed since, nothing is stored and the response is 412.")
	known.Example, meant.Example = `"1-bvbkn7o9yo"`, `"1-bvbkn7o9yo"`
	return openapi3.ParametersMap{"if-none-match": {Value: known}, "if-match": {Value: meant}}
}
