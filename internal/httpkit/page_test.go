package httpkit_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/fault"
	"roster/internal/httpkit"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// fingerprints change with every change of a style sheet; pages do not.
var fingerprints = regexp.MustCompile(`\.[0-9a-f]{8}\.(css|js|svg)`)

func checkGolden(t *testing.T, file string, got []byte) {
	t.Helper()
	got = fingerprints.ReplaceAll(got, []byte(".FINGERPRINT.$1"))
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), string(want)); diff != "" {
		t.Errorf("%s differs (-got +want):\n%s", file, diff)
	}
}

func newPages(t *testing.T, sources ...fstest.MapFS) (*httpkit.Pages, *httpkit.Assets) {
	t.Helper()
	assets := newAssets(t)
	pages, err := httpkit.NewPages(assets)
	for _, source := range sources {
		pages, err = httpkit.NewPages(assets, source)
	}
	if err != nil {
		t.Fatal(err)
	}
	return pages, assets
}

func page(text string) fstest.MapFS {
	return fstest.MapFS{"hello.html": {Data: []byte(`{{define "title"}}Hello{{end}}{{define "main"}}` + text + `{{end}}`)}}
}

func TestRender_PutsThePageIntoTheLayout(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t, page(`<p>{{.}}</p>`))
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/api/users/", http.NoBody)
	if err := pages.Render(w, r, http.StatusAccepted, "hello", "<script>alert(1)</script>"); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusAccepted {
		t.Errorf("got status %d, want 202", w.Code)
	}
	for header, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Content-Length": strconv.Itoa(w.Body.Len()),
	} {
		if got := w.Header().Get(header); got != want {
			t.Errorf("%s: got %q, want %q", header, got, want)
		}
	}
	checkGolden(t, "layout.html", w.Body.Bytes())
}

func TestRender_MarksTheCurrentPart(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t, page(""))
	for path, want := range map[string]string{"/": "/", "/api/": "/api/", "/api/users/1/": "/api/", "/nope": "", "/apiary": ""} {
		w := httptest.NewRecorder()
		if err := pages.Render(w, httptest.NewRequest(http.MethodGet, path, http.NoBody), http.StatusOK, "hello", nil); err != nil {
			t.Fatal(err)
		}
		got := regexp.MustCompile(`href="([^"]*)" aria-current`).FindAllStringSubmatch(w.Body.String(), -1)
		if want == "" && len(got) == 0 {
			continue
		}
		if len(got) != 1 || got[0][1] != want {
			t.Errorf("%s: got %v marked, want %q", path, got, want)
		}
	}
}

func TestRender_NothingIsWrittenOnFailure(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t, page(`half {{.Missing}} {{asset "no/such.css"}}`))
	for _, name := range []string{"hello", "unknown", "layout"} {
		w := httptest.NewRecorder()
		err := pages.Render(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody), http.StatusOK, name, struct{}{})
		if err == nil {
			t.Errorf("%s: got no error", name)
		}
		if w.Body.Len() > 0 || len(w.Header()) > 0 {
			t.Errorf("%s: got %q and %v written, want nothing", name, w.Body, w.Header())
		}
	}
}

func TestNewPages_Faults(t *testing.T) {
	t.Parallel()
	for name, sources := range map[string][]fstest.MapFS{
		"syntax":     {page(`{{if}}`)},
		"twice":      {page("a"), page("b")},
		"like ours":  {{"error.html": {Data: []byte("x")}}},
		"no such fn": {page(`{{shout "x"}}`)},
	} {
		var err error
		if len(sources) == 2 {
			_, err = httpkit.NewPages(newAssets(t), sources[0], sources[1])
		} else {
			_, err = httpkit.NewPages(newAssets(t), sources[0])
		}
		if err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestErrorPage(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t)
	for status, want := range map[int]string{
		http.StatusBadRequest:            "Bad request",
		http.StatusForbidden:             "Access denied",
		http.StatusNotFound:              "Page not found",
		http.StatusMethodNotAllowed:      "Method not allowed",
		http.StatusRequestEntityTooLarge: "Too large",
		http.StatusInternalServerError:   "Something went wrong",
		http.StatusServiceUnavailable:    "Temporarily unavailable",
		http.StatusTeapot:                "I&#39;m a teapot",
	} {
		w := httptest.NewRecorder()
		pages.ErrorPage(w, httptest.NewRequest(http.MethodGet, "/secret-path", http.NoBody), status)
		if w.Code != status || !strings.Contains(w.Body.String(), "<h1>"+want+"</h1>") {
			t.Errorf("%d: got %d %s, want %q", status, w.Code, w.Body, want)
		}
		if strings.Contains(w.Body.String(), "secret-path") || strings.Contains(w.Body.String(), "request id") {
			t.Errorf("%d: the page shows too much: %s", status, w.Body)
		}
	}
}

func TestErrorPage_QuotesTheRequest(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t)
	w := httptest.NewRecorder()
	w.Header().Set("X-Request-Id", `a<b>"c"`)
	pages.ErrorPage(w, httptest.NewRequest(http.MethodGet, "/x", http.NoBody), http.StatusNotFound)
	checkGolden(t, "error-404.html", w.Body.Bytes())
}

func TestNewPages_MissingAssetIsAnsweredWithThePage(t *testing.T) {
	t.Parallel()
	_, assets := newPages(t)
	w := ask(assets, http.MethodGet, "/static/nothing.css")
	if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "Page not found") {
		t.Errorf("got %d %s, want the 404 page", w.Code, w.Body)
	}
}

// The Content-Security-Policy allows nothing inline.
func TestErrorPage_NothingInline(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t)
	w := httptest.NewRecorder()
	pages.ErrorPage(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody), http.StatusNotFound)
	if found := regexp.MustCompile(`<style|<script>|\sstyle=|\son[a-z]+=`).Find(bytes.ToLower(w.Body.Bytes())); found != nil {
		t.Errorf("the page has %q", found)
	}
}

// rendered is the page hello.
func rendered(t *testing.T, pages *httpkit.Pages) string {
	t.Helper()
	w := httptest.NewRecorder()
	if err := pages.Render(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody), http.StatusOK, "hello", nil); err != nil {
		t.Fatal(err)
	}
	return w.Body.String()
}

func TestRender_Compresses(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t, page(strings.Repeat("<p>again and again</p>", 100)))
	want := rendered(t, pages)
	for coding, packed := range map[string]bool{"gzip": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "identity": false} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Header.Set("Accept-Encoding", coding)
		w := httptest.NewRecorder()
		w.Header().Set("Vary", "Accept")
		if err := pages.Render(w, r, http.StatusOK, "hello", nil); err != nil {
			t.Fatal(err)
		}
		length, body := strconv.Itoa(w.Body.Len()), w.Body.Bytes()
		if packed {
			body = unpack(t, body)
		}
		if string(body) != want || w.Header().Get("Content-Length") != length || (w.Header().Get("Content-Encoding") == "gzip") != packed {
			t.Errorf("%s: got %v and %d bytes that are not the page", coding, w.Header(), len(body))
		}
		if got := strings.Join(w.Header().Values("Vary"), ", "); got != "Accept, Accept-Encoding, Accept-Language, Cookie" {
			t.Errorf("%s: Vary: got %q", coding, got)
		}
	}
}

func unpack(t *testing.T, packed []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestRenderPart(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t, page(`{{template "part" .}}{{end}}{{define "part"}}<p>{{.}}</p>`))
	w := httptest.NewRecorder()
	if err := pages.RenderPart(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody), "hello", "part", "<b>"); err != nil {
		t.Fatal(err)
	}
	if got := w.Body.String(); got != "<p>&lt;b&gt;</p>" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %q and %v", got, w.Header())
	}
	for _, name := range [][2]string{{"hello", "none"}, {"none", "part"}} {
		w := httptest.NewRecorder()
		if err := pages.RenderPart(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody), name[0], name[1], nil); err == nil || w.Body.Len() > 0 {
			t.Errorf("%v: got %v and %q, want an error alone", name, err, w.Body)
		}
	}
}

func TestRefuseSender(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t)
	for status, want := range map[int][2]string{
		http.StatusBadRequest:          {"Bad request", "ALLOWED_HOSTS"},
		http.StatusForbidden:           {"Access denied", "CORS_ALLOWED_ORIGINS"},
		http.StatusInternalServerError: {"Something went wrong", "has been logged"},
	} {
		w := httptest.NewRecorder()
		pages.RefuseSender(w, httptest.NewRequest(http.MethodPost, "http://secret.example/", http.NoBody), status)
		if got := w.Body.String(); w.Code != status || !strings.Contains(got, "<h1>"+want[0]+"</h1>") || !strings.Contains(got, want[1]) {
			t.Errorf("%d: got %d %s, want %q", status, w.Code, got, want)
		}
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%d: the page shows too much: %s", status, w.Body)
		}
	}
}

func TestRefuseForm(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t)
	w := httptest.NewRecorder()
	pages.RefuseForm(w, httptest.NewRequest(http.MethodPost, "/", http.NoBody))
	if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "<h1>This form has expired</h1>") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// Pages have the same statuses as the API.
func TestDoor_FailStatus(t *testing.T) {
	t.Parallel()
	pages, _ := newPages(t)
	door := pages.Door(nil, slog.New(slog.DiscardHandler))
	for kind, want := range map[fault.Kind]int{
		fault.Invalid: 400, fault.Denied: 403, fault.NotFound: 404, fault.Conflict: 409, fault.Outdated: 412, fault.TooLarge: 413,
		fault.Unprocessable: 422, fault.Throttled: 429, fault.Internal: 500, fault.Unavailable: 503, fault.Full: 507,
	} {
		w := httptest.NewRecorder()
		door.Fail(w, httptest.NewRequest(http.MethodPost, "/", http.NoBody), fault.New(kind, "Because."))
		if w.Code != want {
			t.Errorf("kind %d: got %d, want %d", kind, w.Code, want)
		}
	}
}

func TestTimeTitle(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC)
	for in, want := range map[*time.Location]string{
		time.UTC: "2026-07-01 10:00:00 UTC", berlin: "2026-07-01 12:00:00 Europe/Berlin (UTC+02:00)",
	} {
		if got := httpkit.TimeTitle(at.In(in)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
