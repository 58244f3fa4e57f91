package httpkit_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"roster/internal/httpkit"
)

// script is long enough to be worth compressing.
var script = bytes.Repeat([]byte("console.log('roster');\n"), 200)

func pack(tb testing.TB, content []byte) []byte {
	tb.Helper()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	if _, err := z.Write(content); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

func newAssets(tb testing.TB) *httpkit.Assets {
	tb.Helper()
	assets, err := httpkit.NewAssets(fstest.MapFS{
		"js/plain.js":       {Data: script},
		"js/both.js":        {Data: script},
		"js/both.js.gz":     {Data: pack(tb, script)},
		"docs/packed.js.gz": {Data: pack(tb, script)},
		"img/dot.png":       {Data: bytes.Repeat([]byte{0x89}, 5000)},
		"tiny.txt":          {Data: []byte("tiny")},
		"LICENSE":           {Data: []byte("as you like")},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return assets
}

// ask requests a path with the headers given as name and value in turn.
func ask(h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, http.NoBody)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAssets_URL(t *testing.T) {
	t.Parallel()
	assets := newAssets(t)
	for name, want := range map[string]string{
		"js/plain.js":    `^/static/js/plain\.[0-9a-f]{8}\.js$`,
		"docs/packed.js": `^/static/docs/packed\.[0-9a-f]{8}\.js$`,
		"LICENSE":        `^/static/LICENSE\.[0-9a-f]{8}$`,
		"css/roster.css": `^/static/css/roster\.[0-9a-f]{8}\.css$`,
		"js/missing.js":  `^/static/js/missing\.js$`,
	} {
		if got := assets.URL(name); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("URL(%q): got %q, want it to match %s", name, got, want)
		}
	}
}

func TestAssets_FingerprintFollowsTheContent(t *testing.T) {
	t.Parallel()
	url := func(content string) string {
		assets, err := httpkit.NewAssets(fstest.MapFS{"a.js": {Data: []byte(content)}})
		if err != nil {
			t.Fatal(err)
		}
		return assets.URL("a.js")
	}
	if first, again := url("one"), url("one"); first != again {
		t.Error("the same content has two URLs")
	}
	if url("one") == url("two") {
		t.Errorf("two contents share the URL %s", url("one"))
	}
}

func TestAssets_SameNameTwice(t *testing.T) {
	t.Parallel()
	_, err := httpkit.NewAssets(fstest.MapFS{"a.js": {}}, fstest.MapFS{"a.js.gz": {}})
	if err == nil || !strings.Contains(err.Error(), "a.js exists twice") {
		t.Errorf("got %v, want a.js exists twice", err)
	}
}

func TestAssets_ServeHTTP(t *testing.T) {
	t.Parallel()
	assets := newAssets(t)
	const forEver, revalidate = "public, max-age=31536000, immutable", "no-cache"
	const js = "text/javascript; charset=utf-8"
	tests := []struct {
		name, path, accept             string
		encoding, vary, cache, content string
	}{
		{"fingerprinted", assets.URL("js/plain.js"), "", "", "Accept-Encoding", forEver, js},
		{"plain name", "/static/js/plain.js", "", "", "Accept-Encoding", revalidate, js},
		{"compressed on demand", assets.URL("js/plain.js"), "gzip, br", "gzip", "Accept-Encoding", forEver, js},
		{"compressed beforehand", assets.URL("js/both.js"), "gzip", "gzip", "Accept-Encoding", forEver, js},
		{"both forms, plain wanted", assets.URL("js/both.js"), "br", "", "Accept-Encoding", forEver, js},
		{"compressed form alone", assets.URL("docs/packed.js"), "GZIP;q=0.5", "gzip", "Accept-Encoding", forEver, js},
		{"compressed form alone, plain wanted", assets.URL("docs/packed.js"), "identity", "", "Accept-Encoding", forEver, js},
		{"gzip refused", assets.URL("docs/packed.js"), "gzip;q=0, *", "", "Accept-Encoding", forEver, js},
		{"anything accepted", assets.URL("js/plain.js"), "*", "gzip", "Accept-Encoding", forEver, js},
		{"anything refused", assets.URL("js/plain.js"), "*;q=0.0", "", "Accept-Encoding", forEver, js},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := ask(assets, http.MethodGet, tt.path, "Accept-Encoding", tt.accept)
			if w.Code != http.StatusOK {
				t.Fatalf("got status %d, want 200", w.Code)
			}
			for header, want := range map[string]string{
				"Content-Encoding": tt.encoding, "Vary": tt.vary, "Cache-Control": tt.cache, "Content-Type": tt.content,
			} {
				if got := w.Header().Get(header); got != want {
					t.Errorf("%s: got %q, want %q", header, got, want)
				}
			}
			if got := decoded(t, w); !bytes.Equal(got, script) {
				t.Errorf("got %d bytes, want the %d of the file", len(got), len(script))
			}
		})
	}
}

func TestAssets_NotWorthCompressing(t *testing.T) {
	t.Parallel()
	assets := newAssets(t)
	for _, name := range []string{"img/dot.png", "tiny.txt", "LICENSE"} {
		w := ask(assets, http.MethodGet, assets.URL(name), "Accept-Encoding", "gzip")
		if w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "" || w.Header().Get("Vary") != "" {
			t.Errorf("%s: got %d %v, want it plain", name, w.Code, w.Header())
		}
	}
}

func decoded(tb testing.TB, w *httptest.ResponseRecorder) []byte {
	tb.Helper()
	if w.Header().Get("Content-Encoding") != "gzip" {
		return w.Body.Bytes()
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		tb.Fatal(err)
	}
	content, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

func TestAssets_Revalidation(t *testing.T) {
	t.Parallel()
	assets := newAssets(t)
	for _, name := range []string{"js/plain.js", "js/both.js", "docs/packed.js"} {
		tags := map[string]bool{}
		for _, accept := range []string{"gzip", "identity"} {
			tag := ask(assets, http.MethodGet, assets.URL(name), "Accept-Encoding", accept).Header().Get("Etag")
			tags[tag] = true
			w := ask(assets, http.MethodGet, assets.URL(name), "Accept-Encoding", accept, "If-None-Match", `"x", W/`+tag)
			if w.Code != http.StatusNotModified || w.Body.Len() != 0 {
				t.Errorf("%s as %s with its tag: got %d and %d bytes, want 304", name, accept, w.Code, w.Body.Len())
			}
			w = ask(assets, http.MethodGet, assets.URL(name), "Accept-Encoding", accept, "If-None-Match", `"other"`)
			if w.Code != http.StatusOK {
				t.Errorf("%s as %s with another tag: got %d, want 200", name, accept, w.Code)
			}
		}
		if len(tags) != 2 {
			t.Errorf("%s: the two forms share the tag %v", name, tags)
		}
	}
}

func TestAssets_Head(t *testing.T) {
	t.Parallel()
	assets := newAssets(t)
	for _, name := range []string{"js/plain.js", "js/both.js", "docs/packed.js", "LICENSE"} {
		for _, accept := range []string{"gzip", "identity"} {
			w := ask(assets, http.MethodHead, assets.URL(name), "Accept-Encoding", accept)
			if w.Code != http.StatusOK || w.Body.Len() != 0 {
				t.Errorf("%s as %s: got %d and %d bytes, want 200 and none", name, accept, w.Code, w.Body.Len())
			}
		}
	}
}

func TestAssets_Refusals(t *testing.T) {
	t.Parallel()
	assets := newAssets(t)
	tests := []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/static/", http.StatusNotFound},
		{http.MethodGet, "/static/js", http.StatusNotFound},
		{http.MethodGet, "/static/js/plain.00000000.js", http.StatusNotFound},
		{http.MethodGet, "/static/docs/packed.js.gz", http.StatusNotFound},
		{http.MethodGet, "/static/../assets.go", http.StatusNotFound},
		{http.MethodPost, "/static/nothing.js", http.StatusNotFound},
		{http.MethodPost, "/static/js/plain.js", http.StatusMethodNotAllowed},
	}
	for _, tt := range tests {
		w := ask(assets, tt.method, tt.path)
		if w.Code != tt.want {
			t.Errorf("%s %s: got %d, want %d", tt.method, tt.path, w.Code, tt.want)
		}
		if allow := w.Header().Get("Allow"); (allow == "GET, HEAD") != (tt.want == http.StatusMethodNotAllowed) {
			t.Errorf("%s %s: got Allow %q", tt.method, tt.path, allow)
		}
	}
}

func TestAssets_ConcurrentFirstUse(t *testing.T) {
	t.Parallel()
	assets := newAssets(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			w := ask(assets, http.MethodGet, assets.URL("js/plain.js"), "Accept-Encoding", "gzip")
			if got := decoded(t, w); !bytes.Equal(got, script) {
				t.Errorf("got %d bytes, want %d", len(got), len(script))
			}
		})
	}
	all.Wait()
}

// A source whose files cannot seek is served all the same.
func TestAssets_SourceThatCannotSeek(t *testing.T) {
	t.Parallel()
	assets, err := httpkit.NewAssets(forwardOnly{fstest.MapFS{"a.js": {Data: script}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(assets, http.MethodGet, "/static/a.js").Body.Bytes(); !bytes.Equal(got, script) {
		t.Errorf("got %d bytes, want %d", len(got), len(script))
	}
}

// forwardOnly is a file system without Seek.
type forwardOnly struct{ fs.FS }

func (f forwardOnly) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if _, isDir := file.(fs.ReadDirFile); isDir || err != nil {
		return file, err
	}
	return struct{ fs.File }{file}, nil
}

// Whatever a client says it accepts, it gets the file, in a form it named.
func FuzzAssets_AcceptEncoding(f *testing.F) {
	for _, seed := range []string{"", "gzip", "gzip;q=0", "x-gzip", "*", "*;q=0", "br, gzip ; q = 0.5", ";;,,=", "gzip;q=nan"} {
		f.Add(seed)
	}
	assets := newAssets(f)
	f.Fuzz(func(t *testing.T, accept string) {
		w := ask(assets, http.MethodGet, assets.URL("docs/packed.js"), "Accept-Encoding", accept)
		if got := decoded(t, w); !bytes.Equal(got, script) {
			t.Errorf("Accept-Encoding %q: got %d bytes, want %d", accept, len(got), len(script))
		}
		named := strings.Contains(strings.ToLower(accept), "gzip") || strings.Contains(accept, "*")
		if w.Header().Get("Content-Encoding") == "gzip" && !named {
			t.Errorf("Accept-Encoding %q: got gzip", accept)
		}
	})
}

// The answer is 304 only when the header names the tag or "*".
func FuzzAssets_IfNoneMatch(f *testing.F) {
	assets := newAssets(f)
	tag := ask(assets, http.MethodGet, assets.URL("docs/packed.js")).Header().Get("Etag")
	for _, seed := range []string{"", "*", tag, "W/" + tag, `"a", ` + tag, strings.Trim(tag, `"`), ",,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		w := ask(assets, http.MethodGet, assets.URL("docs/packed.js"), "If-None-Match", header)
		if w.Code == http.StatusNotModified && !strings.Contains(header, tag) && !strings.Contains(header, "*") {
			t.Errorf("If-None-Match %q: got 304", header)
		}
		if header == tag && w.Code != http.StatusNotModified {
			t.Errorf("If-None-Match %q: got %d, want 304", header, w.Code)
		}
	})
}

// Each returns what the server answers, for every name and both forms.
func TestAssets_EachIsWhatIsServed(t *testing.T) {
	t.Parallel()
	assets := newAssets(t)
	var names []string
	err := assets.Each(func(f httpkit.Static) error {
		names = append(names, f.Name)
		if got := ask(assets, http.MethodGet, "/static/"+f.Name).Body.String(); got != string(f.Content) {
			t.Errorf("%s: got %d bytes, served are %d", f.Name, len(f.Content), len(got))
		}
		packed := ask(assets, http.MethodGet, "/static/"+f.Name, "Accept-Encoding", "gzip")
		if encoded := packed.Header().Get("Content-Encoding") == "gzip"; encoded != (f.Gzip != nil) ||
			encoded && packed.Body.String() != string(f.Gzip) {
			t.Errorf("%s: got %d bytes compressed, served are %d", f.Name, len(f.Gzip), packed.Body.Len())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"js/plain.js", "docs/packed.js", strings.TrimPrefix(assets.URL("docs/packed.js"), "/static/")} {
		if !slices.Contains(names, want) {
			t.Errorf("got %v, want %s among them", names, want)
		}
	}
}

func TestAssets_EachEndsWithAnError(t *testing.T) {
	t.Parallel()
	broken, err := httpkit.NewAssets(fstest.MapFS{"a.js.gz": {Data: []byte("not gzip")}})
	if err != nil {
		t.Fatal(err)
	}
	nothing := func(httpkit.Static) error { return nil }
	if err := broken.Each(nothing); err == nil || !strings.Contains(err.Error(), "a.js") {
		t.Errorf("got %v, want an error about a.js", err)
	}
	if err := newAssets(t).Each(func(httpkit.Static) error { return io.ErrShortWrite }); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v, want that of visit", err)
	}
}
