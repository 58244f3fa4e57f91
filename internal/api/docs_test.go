package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"roster/internal/api"
	"roster/internal/httpkit"
)

// newDocs returns the documentation with the static files that it is served with.
func newDocs(t *testing.T, build func() (*openapi3.T, error)) (http.Handler, *httpkit.Assets) {
	t.Helper()
	assets, err := httpkit.NewAssets(api.Static())
	if err != nil {
		t.Fatal(err)
	}
	docs, err := api.NewDocs(assets, build)
	if err != nil {
		t.Fatal(err)
	}
	return docs, assets
}

func buildDocument() (*openapi3.T, error) { return api.BuildOpenAPI("1.2.3") }

func ask(h http.Handler, method, path string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, path, http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func bodyOf(t *testing.T, res *http.Response) string {
	t.Helper()
	var body bytes.Buffer
	if _, err := body.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	return body.String()
}

func TestDocs_Pages(t *testing.T) {
	t.Parallel()
	docs, assets := newDocs(t, buildDocument)
	static := regexp.MustCompile(`"/static/[^"]+"`)
	inline := regexp.MustCompile(`<style|<script>|\sstyle=|\son[a-z]+=`)
	for path, golden := range map[string]string{"/swagger/": "docs_swagger.html", "/redoc/": "docs_redoc.html"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			res := ask(docs, http.MethodGet, path)
			page := bodyOf(t, res)
			checkGolden(t, golden, page)
			if got := res.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
				t.Errorf("Content-Type: got %q", got)
			}
			if found := inline.FindString(page); found != "" {
				t.Errorf("the policy forbids %q", found)
			}
			for _, url := range static.FindAllString(page, -1) {
				if got := ask(assets, http.MethodGet, strings.Trim(url, `"`)).StatusCode; got != http.StatusOK {
					t.Errorf("%s: got %d, want 200", url, got)
				}
			}
		})
	}
}

func TestDocs_Policy(t *testing.T) {
	t.Parallel()
	docs, _ := newDocs(t, buildDocument)
	common := []string{
		"default-src 'none'", "script-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
		"form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
	}
	styles := map[string]string{
		"/swagger/": "style-src 'self'",
		"/redoc/": "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' " +
			"'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
	}
	for path, style := range styles {
		policy := ask(docs, http.MethodGet, path).Header.Get("Content-Security-Policy")
		got := map[string]bool{}
		for directive := range strings.SplitSeq(policy, "; ") {
			got[directive] = true
		}
		want := map[string]bool{style: true}
		for _, directive := range common {
			want[directive] = true
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", path, diff)
		}
	}
}

func TestDocs_Document(t *testing.T) {
	t.Parallel()
	docs, _ := newDocs(t, buildDocument)
	tests := []struct{ path, contentType string }{
		{"/openapi.json", "application/json"},
		{"/swagger.json", "application/json"},
		{"/openapi.yaml", "application/yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			res := ask(docs, http.MethodGet, tt.path)
			want := map[string]string{
				"Content-Type":  tt.contentType,
				"Cache-Control": "no-cache",
			}
			for name, value := range want {
				if got := res.Header.Get(name); got != value {
					t.Errorf("%s: got %q, want %q", name, got, value)
				}
			}
			tag := res.Header.Get("Etag")
			again := ask(docs, http.MethodGet, tt.path, "If-None-Match", tag)
			if got := bodyOf(t, again); again.StatusCode != http.StatusNotModified || got != "" {
				t.Errorf("with its ETag %s: got %d and %d bytes, want 304 and none", tag, again.StatusCode, len(got))
			}
			head := ask(docs, http.MethodHead, tt.path)
			if got := bodyOf(t, head); head.StatusCode != http.StatusOK || got != "" || head.Header.Get("Etag") != tag {
				t.Errorf("HEAD: got %d, %d bytes and ETag %s", head.StatusCode, len(got), head.Header.Get("Etag"))
			}
		})
	}
}

func TestDocs_SameInBothForms(t *testing.T) {
	t.Parallel()
	docs, _ := newDocs(t, buildDocument)
	var fromJSON, fromYAML any
	if err := json.Unmarshal([]byte(bodyOf(t, ask(docs, http.MethodGet, "/openapi.json"))), &fromJSON); err != nil {
		t.Fatal(err)
	}
	asYAML := bodyOf(t, ask(docs, http.MethodGet, "/openapi.yaml"))
	if !strings.HasPrefix(asYAML, "openapi: 3.0.3\n") {
		t.Errorf("YAML begins with %.40q", asYAML)
	}
	if err := yaml.Unmarshal([]byte(asYAML), &fromYAML); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(fromYAML)
	if err != nil {
		t.Fatal(err)
	}
	var normal any
	if err := json.Unmarshal(again, &normal); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(normal, fromJSON); diff != "" {
		t.Errorf("YAML and JSON differ (-yaml +json):\n%s", diff)
	}
}

func TestDocs_BuildsOnceAndLate(t *testing.T) {
	t.Parallel()
	built := 0
	docs, _ := newDocs(t, func() (*openapi3.T, error) {
		built++
		return buildDocument()
	})
	ask(docs, http.MethodGet, "/swagger/")
	if built != 0 {
		t.Errorf("built %d times before anybody asked for it", built)
	}
	for _, path := range []string{"/openapi.json", "/openapi.yaml", "/swagger.json", "/openapi.json"} {
		ask(docs, http.MethodGet, path)
	}
	if built != 1 {
		t.Errorf("built %d times, want 1", built)
	}
}

func TestDocs_DocumentCannotBeBuilt(t *testing.T) {
	t.Parallel()
	docs, _ := newDocs(t, func() (*openapi3.T, error) { return nil, errors.New("two routes are one") })
	res := ask(docs, http.MethodGet, "/openapi.json")
	if got := bodyOf(t, res); res.StatusCode != http.StatusInternalServerError || !strings.Contains(got, "two routes are one") {
		t.Errorf("got %d %q, want the error", res.StatusCode, got)
	}
}

// TestStatic_ThirdParties makes sure that what others wrote is complete,
// asks nothing of other origins by itself, and has its licence beside it.
func TestStatic_ThirdParties(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"swagger-ui/LICENSE.gz":                          "Apache License",
		"swagger-ui/NOTICE.gz":                           "SmartBear",
		"swagger-ui/swagger-ui.css.gz":                   ".swagger-ui",
		"swagger-ui/swagger-ui-bundle.js.gz":             "SwaggerUIBundle",
		"swagger-ui/swagger-ui-bundle.js.LICENSE.txt.gz": "@license",
		"redoc/LICENSE.gz":                               "MIT License",
		"redoc/redoc.standalone.js.gz":                   "Redoc",
		"redoc/redoc.standalone.js.LICENSE.txt.gz":       "ReDoc",
	} {
		text := unpack(t, name)
		if !strings.Contains(text, want) {
			t.Errorf("%s does not contain %q", name, want)
		}
		if strings.Contains(text, "cdn.redoc.ly") {
			t.Errorf("%s loads a picture from another origin", name)
		}
	}
}

func unpack(t *testing.T, name string) string {
	t.Helper()
	packed, err := fs.ReadFile(api.Static(), name)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(z); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return text.String()
}
