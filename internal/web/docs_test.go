package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"roster/internal/access"
	"roster/internal/web/manual"
)

// handbook is a documentation of three pages.
func handbook(t *testing.T) *manual.Manual {
	t.Helper()
	m, err := manual.New(fstest.MapFS{
		"index.md":     {Data: []byte("# Documentation\n\n## Guides\n\n- [Use it](use.md)\n- [The API](api/use.md)\n")},
		"use.md":       {Data: []byte("# Use it\n\n## Start\n\nText.\n\n## Stop\n")},
		"api/use.md":   {Data: []byte("# The API\n")},
		"api/other.md": {Data: []byte("# Unlisted\n")},
	}, func(name string) string { return name })
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestShowDocument(t *testing.T) {
	t.Parallel()
	h := site(t, &users{}, access.Actor{})
	for path, wants := range map[string][]string{
		"/docs/":           {"<h1 id=\"documentation\">Documentation</h1>", `<a href="/docs/use/">Use it</a>`},
		"/docs/use/":       {"<title>Use it – Roster documentation</title>", `<a href="#stop">Stop</a>`, `<a href="/docs/use/" aria-current="page">Use it</a>`, "<li>Guides</li>"},
		"/docs/api/use/":   {`<a href="/docs/use/">Use it</a>`, "<h1 id=\"the-api\">"},
		"/docs/api/other/": {"<h1 id=\"unlisted\">"},
	} {
		w := get(h, path)
		if w.Code != http.StatusOK || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s: got %d, %v", path, w.Code, w.Header())
		}
		for _, want := range wants {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: no %s in %s", path, want, w.Body)
			}
		}
	}
	for path, want := range map[string]int{
		"/docs": http.StatusMovedPermanently, "/docs/use": http.StatusMovedPermanently, "/docs/absent/": http.StatusNotFound,
		"/docs/api/": http.StatusNotFound, "/docs/use.md/": http.StatusNotFound, "/docs/../use/": http.StatusNotFound,
	} {
		if w := get(h, path); w.Code != want {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
	}
}

// A page that the client has is not sent again.
func TestShowDocument_Unchanged(t *testing.T) {
	t.Parallel()
	h := site(t, &users{}, access.Actor{})
	tag := get(h, "/docs/use/").Header().Get("Etag")
	if tag == "" || tag == get(h, "/docs/").Header().Get("Etag") {
		t.Fatalf("got the tag %q", tag)
	}
	for header, want := range map[string]int{tag: http.StatusNotModified, `"other"`: http.StatusOK} {
		r := httptest.NewRequest(http.MethodGet, "/docs/use/", http.NoBody)
		r.Header.Set("If-None-Match", header)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want || want == http.StatusNotModified && w.Body.Len() > 0 {
			t.Errorf("If-None-Match: %s: got %d with %d bytes, want %d", header, w.Code, w.Body.Len(), want)
		}
	}
}
