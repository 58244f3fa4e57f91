package e2e_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// TestOpenAPI_EveryAnswerIsDocumented holds the answers to all cases against
// the document that the server itself serves: each must have a documented
// status, and a body of the documented shape. Browsers get a page instead, as the
// introduction says.
func TestOpenAPI_EveryAnswerIsDocumented(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), "API_PERMISSION=AllowAny", "ALLOWED_HOSTS=*", "CORS_ALLOW_ALL_ORIGINS=true")
	doc := fetchDocument(t, s)
	checked := 0
	for _, c := range readCases(t) {
		got := send(t, s.address(), c)
		route, params := findRoute(doc, c)
		if route == nil || undocumented(got) {
			continue
		}
		checked++
		if err := judgeAnswer(t, route, params, got); err != nil {
			t.Errorf("%s [%s %.80s]: %d %s: %v", c.Name, c.Method, c.Path, got.status, got.header.Get("Content-Type"), err)
		}
	}
	if checked < 600 {
		t.Errorf("checked %d answers, want most of the cases", checked)
	}
	t.Logf("%d answers checked", checked)
}

// undocumented reports answers that no operation gives: the page that refuses
// a bad Host comes before any path is looked at.
func undocumented(got received) bool {
	return got.status == http.StatusBadRequest && strings.Contains(got.body, "<title>Bad request")
}

func fetchDocument(t *testing.T, s *server) *openapi3.T {
	t.Helper()
	status, text := s.call(http.MethodGet, "/openapi.json", "")
	if status != http.StatusOK {
		t.Fatalf("got %d %.200s, want the document", status, text)
	}
	doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

var pathParameter = regexp.MustCompile(`\\\{(\w+)\\\}`)

// findRoute returns the operation of a request, nil when its path or its
// method is in no part of the document. Exact paths go before patterns.
func findRoute(doc *openapi3.T, c exchange) (*routers.Route, map[string]string) {
	path, _, _ := strings.Cut(c.Path, "?")
	if decoded, err := url.PathUnescape(path); err == nil {
		path = decoded
	}
	if item := doc.Paths.Value(path); item != nil {
		return routeOf(doc, path, item, c.Method), nil
	}
	for pattern, item := range doc.Paths.Map() {
		exact := "^" + pathParameter.ReplaceAllString(regexp.QuoteMeta(pattern), `(?P<$1>[^/.]+)`) + "$"
		if found := regexp.MustCompile(exact).FindStringSubmatch(path); len(found) == 2 {
			return routeOf(doc, pattern, item, c.Method), map[string]string{"id": found[1]}
		}
	}
	return nil, nil
}

func routeOf(doc *openapi3.T, path string, item *openapi3.PathItem, method string) *routers.Route {
	described := method
	if method == http.MethodHead {
		described = http.MethodGet // HEAD answers as GET does
	}
	operation, ok := item.Operations()[described]
	if !ok {
		return nil
	}
	return &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: operation}
}

// isPage reports whether browsers get a page for an answer.
func isPage(described *openapi3.Responses, status int) bool {
	if status == http.StatusOK && described.Status(http.StatusNoContent) != nil {
		return true
	}
	return status != http.StatusNotAcceptable && described.Status(status) != nil
}

func judgeAnswer(t *testing.T, route *routers.Route, params map[string]string, got received) error {
	t.Helper()
	if strings.HasPrefix(got.header.Get("Content-Type"), "text/html") && isPage(route.Operation.Responses, got.status) {
		return nil
	}
	request, err := http.NewRequestWithContext(t.Context(), route.Method, "/", http.NoBody)
	if err != nil {
		return err
	}
	return openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, Route: route, PathParams: params},
		Status:                 got.status,
		Header:                 got.header,
		Body:                   io.NopCloser(bytes.NewReader([]byte(got.body))),
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true,
			MultiError:            true,
			ExcludeResponseBody:   route.Method == http.MethodHead,
		},
	})
}
