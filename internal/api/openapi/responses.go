package openapi

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"roster/internal/query"
)

// failure is one way in which a request can fail.
type failure struct {
	name        string // in components/responses
	status      int
	description string
	detail      string // an example of what it says
}

// failures are all there are, by status. 405 is in no operation, as it is the
// answer to methods that are not there.
var failures = []failure{
	{"BadRequest", http.StatusBadRequest, "The body cannot be read, or fields in it or parameters of the list are not valid.",
		"JSON parse error - Expecting value: line 1 column 14 (char 13)"},
	{"Forbidden", http.StatusForbidden, "The caller may not do this, or has to say first who they are.",
		"Authentication credentials were not provided."},
	{"NotFound", http.StatusNotFound, "There is no such row, page or format.", "Not found."},
	{"MethodNotAllowed", http.StatusMethodNotAllowed, "The path does not have this method; the header Allow lists those it has.",
		`Method "PUT" not allowed.`},
	{"NotAcceptable", http.StatusNotAcceptable, "There is no answer in a format that the header Accept allows.",
		"Could not satisfy the request Accept header."},
	{"Conflict", http.StatusConflict, "The state does not allow it, or somebody else's change came between; nothing was stored.",
		"Another user has this username or e-mail address."},
	{"PreconditionFailed", http.StatusPreconditionFailed, "The row is not as the header `If-Match` says; nothing was stored.",
		"The user was changed in the meantime."},
	{"ContentTooLarge", http.StatusRequestEntityTooLarge, "The body is over the limit.", "The request body is too large."},
	{"UnsupportedMediaType", http.StatusUnsupportedMediaType, "The body is in a format that is not understood.",
		`Unsupported media type "text/plain" in request.`},
	{"UnprocessableContent", http.StatusUnprocessableEntity, "The `Idempotency-Key` was used for another request.",
		"This Idempotency-Key was used for another request."},
	{"InternalServerError", http.StatusInternalServerError, "A defect; the log of the server tells more.", "A server error occurred."},
	{"ServiceUnavailable", http.StatusServiceUnavailable, "Not possible at the moment; the same request may succeed later.",
		"The database is busy. Try again."},
	{"InsufficientStorage", http.StatusInsufficientStorage, "There is no room to store it; reading goes on.",
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
		case http.StatusNotAcceptable:
			bodies[f.name] = response(f.description, content)
			continue
		}
		bodies[f.name] = response(f.description, pageContent(content))
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

// badRequestContent tells the two shapes of a 400 apart.
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

// pageContent adds to content the page that a browser is shown instead.
func pageContent(content openapi3.Content) openapi3.Content {
	with := openapi3.Content{"text/html": {Schema: openapi3.NewStringSchema().NewRef()}}
	maps.Copy(with, content)
	return with
}

// parameters returns components/parameters.
func parameters() openapi3.ParametersMap {
	id := openapi3.NewPathParameter("id").WithSchema(openapi3.NewInt64Schema().WithMin(1)).
		WithDescription("The number of the row.")
	id.Example = 1
	page := openapi3.NewQueryParameter("page").
		WithSchema(openapi3.NewStringSchema().WithPattern("^([1-9][0-9]*|last)$")).
		WithDescription("The number of the page, from 1, or `last`.")
	page.Example = "2"
	format := openapi3.NewQueryParameter("format").
		WithSchema(openapi3.NewStringSchema().WithEnum("json", "api")).
		WithDescription("`json`, or `api` for a page for people. Without it the header Accept decides.")
	key := openapi3.NewHeaderParameter("Idempotency-Key").
		WithSchema(openapi3.NewStringSchema().WithPattern("^[!-~]+$").WithMaxLength(255)).
		WithDescription("A name of your choice for this request, such as a UUID. Sent again with the same name within 24 hours, " +
			"for instance because the answer was lost, it is answered as the first time, and no second user is made.")
	key.Example = "8e03978e-40d5-43dd-bc93-6894a57f9324"
	all := openapi3.ParametersMap{"id": {Value: id}, "page": {Value: page}, "format": {Value: format}, "idempotency-key": {Value: key}}
	maps.Copy(all, listParameters())
	maps.Copy(all, workParameters())
	maps.Copy(all, preconditions())
	return all
}

// listParameters returns the parameters that say which users are listed.
func listParameters() openapi3.ParametersMap {
	search := openapi3.NewQueryParameter("search").
		WithSchema(openapi3.NewStringSchema().WithMaxLength(query.MaxSearchLength)).
		WithDescription(fmt.Sprintf("Up to %d words, between them white space or commas. Each must be found in the username, the e-mail address, "+
			"the first or last name or the phone number. The case of letters does not count, their accents do.", query.MaxSearchWords))
	search.Example = "ada lovelace"
	isActive := openapi3.NewQueryParameter("is_active").WithSchema(openapi3.NewBoolSchema()).
		WithDescription("Only users whose `is_active` is this. `1` and `0` mean `true` and `false`.")
	ordering := openapi3.NewQueryParameter("ordering").WithSchema(openapi3.NewStringSchema()).
		WithDescription("Fields of the user between commas, each with `-` before it for descending order. Other names are ignored. " +
			"Text is ordered by its code points; null comes first.")
	ordering.Example = "last_name,-created_at"
	return openapi3.ParametersMap{"search": {Value: search}, "is_active": {Value: isActive}, "ordering": {Value: ordering}}
}

// preconditions returns the parameters with the states of a user that a
// request knows.
func preconditions() openapi3.ParametersMap {
	known := openapi3.NewHeaderParameter("If-None-Match").WithSchema(openapi3.NewStringSchema()).
		WithDescription("The `ETag` of an earlier answer. While the row is the same the answer is 304, without a body.")
	meant := openapi3.NewHeaderParameter("If-Match").WithSchema(openapi3.NewStringSchema()).
		WithDescription("The `ETag` of the row that is meant to be changed. When it was changed since, nothing is done and the answer is 412.")
	known.Example, meant.Example = `"1-bvbkn7o9yo"`, `"1-bvbkn7o9yo"`
	return openapi3.ParametersMap{"if-none-match": {Value: known}, "if-match": {Value: meant}}
}
