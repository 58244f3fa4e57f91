package api_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"roster/internal/api"
	"roster/internal/user"
)

// strictOpenAPI is the document of the table, in which no object may have a
// property that is not described.
var strictOpenAPI = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := api.BuildOpenAPI("test")
	if err != nil {
		return nil, err
	}
	for _, schema := range doc.Components.Schemas {
		if len(schema.Value.Properties) > 0 {
			schema.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: new(bool)}
		}
		for _, property := range schema.Value.Properties {
			if property.Value.Type == nil { // any value, also null, which the validator refuses
				property.Value.Nullable = true
			}
		}
	}
	return doc, nil
})

// checkDescribed fails the test unless the OpenAPI document describes this
// answer to this request: its path, status, Content-Type and body. It may be
// used for any answer of a path of the API; res.Body can be read again.
func checkDescribed(t *testing.T, r *http.Request, res *http.Response) {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	if err := described(t.Context(), r, res, body); err != nil {
		t.Errorf("%s %s answers %d, which the OpenAPI document does not describe: %v\n%s", r.Method, r.URL, res.StatusCode, err, body)
	}
}

// described returns nil when the document describes the answer.
func described(ctx context.Context, r *http.Request, res *http.Response, body []byte) error {
	doc, err := strictOpenAPI()
	if err != nil {
		return err
	}
	path := pathOf(doc, r.URL.Path)
	if path == "" {
		return errors.New("no such path")
	}
	operation := operationOf(doc, path, r.Method)
	expected := operation.Responses.Status(res.StatusCode)
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") && isPage(operation, res.StatusCode) {
		return nil // as the introduction says
	}
	if expected == nil {
		return errors.New("no such status")
	}
	if len(expected.Value.Content) == 0 || r.Method == http.MethodHead {
		if len(body) > 0 {
			return fmt.Errorf("%d bytes of body", len(body))
		}
	}
	request := &openapi3filter.RequestValidationInput{
		Request: r,
		Route:   &routers.Route{Spec: doc, Path: path, PathItem: doc.Paths.Value(path), Method: r.Method, Operation: operation},
	}
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: res.StatusCode, Header: res.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	return openapi3filter.ValidateResponse(ctx, answer.SetBodyBytes(body))
}

// isPage reports whether browsers get a page for an answer: what is refused
// because of the header Accept has no other form.
func isPage(operation *openapi3.Operation, status int) bool {
	if status == http.StatusOK && operation.Responses.Status(http.StatusNoContent) != nil {
		return true
	}
	return status != http.StatusNotAcceptable && operation.Responses.Status(status) != nil
}

// formatSuffix is what a path may have in place of the query parameter format.
var formatSuffix = regexp.MustCompile(`/?\.[a-z0-9]+/?$`)

// pathOf returns the described path that a request's path belongs to, "" for
// none. Literal segments win over parameters.
func pathOf(doc *openapi3.T, path string) string {
	path = formatSuffix.ReplaceAllString(path, "/")
	if doc.Paths.Value(path) != nil {
		return path
	}
	segments := strings.Split(path, "/")
	for _, candidate := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		parts := strings.Split(candidate, "/")
		if slices.EqualFunc(segments, parts, func(segment, part string) bool {
			return segment == part || strings.HasPrefix(part, "{") && segment != ""
		}) {
			return candidate
		}
	}
	return ""
}

// operationOf returns the operation. HEAD is GET; a method that the path does
// not have is answered as the introduction of the document says.
func operationOf(doc *openapi3.T, path, method string) *openapi3.Operation {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if operation := doc.Paths.Value(path).Operations()[method]; operation != nil {
		return operation
	}
	refused := &openapi3.Operation{Responses: openapi3.NewResponses()}
	for status, name := range map[string]string{
		"403": "Forbidden", "404": "NotFound", "405": "NotFound", "406": "NotAcceptable",
	} {
		refused.Responses.Set(status, doc.Components.Responses[name])
	}
	return refused
}

func TestCheckDescribed(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 11, 21, 10, 30, 0, 123456000, time.UTC)
	one := string(user.Table().AppendJSON(nil, &user.User{ID: 1, Username: "john_doe", Email: "john@example.com", IsActive: true, CreatedAt: at, UpdatedAt: at}))
	const metadata = `{"name":"T User List","description":"","renders":["application/json","text/html"],"parses":["application/json"],` +
		`"actions":{"POST":{"phone":{"type":"string","required":false,"read_only":false,"label":"Phone","max_length":20}}}}`
	tests := []struct {
		method, path string
		status       int
		contentType  string
		body         string
		want         bool
	}{
		{"GET", "/api/", 200, "application/json", `{"users":"http://h/api/users/"}`, true},
		{"GET", "/api/.json", 200, "application/json", `{"users":"http://h/api/users/"}`, true},
		{"GET", "/api/users/", 200, "application/json", `{"count":1,"next":null,"previous":"http://h/?page=1","results":[` + one + `]}`, true},
		{"GET", "/api/users.json", 200, "application/json", `{"count":0,"next":null,"previous":null,"results":[]}`, true},
		{"GET", "/api/users/", 200, "text/html; charset=utf-8", "<!DOCTYPE html>", true},
		{"GET", "/api/users/", 404, "application/json", `{"detail":"Invalid page."}`, true},
		{"POST", "/api/users/", 201, "application/json", one, true},
		{"POST", "/api/users/", 400, "application/json", `{"username":["This field is required."]}`, true},
		{"POST", "/api/users/", 400, "application/json", `{"non_field_errors":["No data provided"]}`, true},
		{"POST", "/api/users/", 400, "application/json", `{"detail":"JSON parse error"}`, true},
		{"POST", "/api/users/", 409, "application/json", `{"detail":"taken"}`, true},
		{"POST", "/api/users/", 507, "application/json", `{"detail":"full"}`, true},
		{"GET", "/api/users/1/", 200, "application/json", one, true},
		{"GET", "/api/users/1.json", 200, "application/json", one, true},
		{"GET", "/api/users/%D9%A1/", 404, "application/json", `{"detail":"Not found."}`, true},
		{"HEAD", "/api/users/1/", 200, "application/json", "", true},
		{"PATCH", "/api/users/1/", 415, "application/json", `{"detail":"Unsupported"}`, true},
		{"DELETE", "/api/users/1/", 204, "", "", true},
		{"DELETE", "/api/users/1/", 200, "text/html; charset=utf-8", "<!DOCTYPE html>", true},
		{"OPTIONS", "/api/users/", 200, "application/json", metadata, true},
		{"PURGE", "/api/users/1/", 405, "application/json", `{"detail":"Method \"PURGE\" not allowed."}`, true},
		{"GET", "/api/users/active_count/", 200, "application/json", `{"active_users_count":3}`, true},
		{"GET", "/readyz", 503, "application/json", `{"status":"failed","checks":{"database":"failed"}}`, true},

		{"GET", "/api/nope/", 404, "application/json", `{"detail":"Not found."}`, false},
		{"GET", "/api/users/1/extra/", 200, "application/json", one, false},
		{"GET", "/api/users/", 201, "application/json", `{"count":0,"next":null,"previous":null,"results":[]}`, false},
		{"GET", "/api/users/", 200, "application/json", `{"count":0,"next":null,"previous":null}`, false},
		{"GET", "/api/users/", 200, "application/json", `{"count":0,"next":null,"previous":null,"results":[],"pages":0}`, false},
		{"GET", "/api/users/", 200, "text/plain", "nothing", false},
		{"GET", "/api/users/", 406, "text/html; charset=utf-8", "<!DOCTYPE html>", false},
		{"GET", "/api/users/1/", 200, "application/json", strings.Replace(one, `"id":1,`, "", 1), false},
		{"GET", "/api/users/1/", 200, "application/json", strings.Replace(one, `"id":1`, `"id":"1"`, 1), false},
		{"GET", "/api/users/1/", 200, "application/json", strings.Replace(one, `"id":1`, `"id":1,"password":"x"`, 1), false},
		{"GET", "/api/users/1/", 200, "application/json", strings.Replace(one, `"john_doe"`, `null`, 1), false},
		{"GET", "/api/users/1/", 400, "application/json", `{"detail":"no"}`, false},
		{"HEAD", "/api/users/1/", 200, "application/json", one, false},
		{"POST", "/api/users/", 400, "application/json", `{"username":"This field is required."}`, false},
		{"POST", "/api/users/", 400, "application/json", `{"colour":["This field is required."]}`, false},
		{"POST", "/api/users/", 400, "application/json", `{}`, false},
		{"DELETE", "/api/users/1/", 204, "application/json", `{}`, false},
		{"PURGE", "/api/users/1/", 200, "application/json", one, false},
		{"GET", "/readyz", 200, "application/json", `{"status":"fine"}`, false},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %s %d %s", tt.method, tt.path, tt.status, tt.body), func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequestWithContext(t.Context(), tt.method, "http://h"+tt.path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			res := &http.Response{StatusCode: tt.status, Header: http.Header{}}
			if tt.contentType != "" {
				res.Header.Set("Content-Type", tt.contentType)
			}
			err = described(t.Context(), r, res, []byte(tt.body))
			if got := err == nil; got != tt.want {
				t.Errorf("described: got %v (%v), want %v", got, err, tt.want)
			}
		})
	}
}
