package httpkit_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"roster/internal/httpkit"
)

// modules are three scripts, the first of which imports the others.
func modules(deepest string) fstest.MapFS {
	return fstest.MapFS{
		"js/app/main.js":  {Data: []byte("import { b } from \"./b.js\";\nimport \"../c.js\";\nconsole.log(\"./b.js\", b);\n")},
		"js/app/b.js":     {Data: []byte("export * from \"../c.js\";\n")},
		"js/c.js":         {Data: []byte(deepest)},
		"js/c.test.js.gz": {Data: []byte("packed files are left alone")},
	}
}

func served(t *testing.T, assets *httpkit.Assets, name string) string {
	t.Helper()
	w := ask(assets, http.MethodGet, assets.URL(name))
	if w.Code != http.StatusOK {
		t.Fatalf("%s: got %d", name, w.Code)
	}
	return w.Body.String()
}

func TestNewAssets_ModulesImportFingerprints(t *testing.T) {
	t.Parallel()
	one, err := httpkit.NewAssets(modules("export const c = 1;\n"))
	if err != nil {
		t.Fatal(err)
	}
	b, c := strings.TrimPrefix(one.URL("js/app/b.js"), "/static/js/app/"), strings.TrimPrefix(one.URL("js/c.js"), "/static/js/")
	want := "import { b } from \"./" + b + "\";\nimport \"../" + c + "\";\nconsole.log(\"./b.js\", b);\n"
	if got := served(t, one, "js/app/main.js"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := one.Imports("js/app/main.js"), []string{"js/c.js", "js/app/b.js"}; !slices.Equal(got, want) {
		t.Errorf("imports: got %v, want %v", got, want)
	}
	if got := one.Imports("js/none.js"); got != nil {
		t.Errorf("imports of nothing: got %v", got)
	}
	two, err := httpkit.NewAssets(modules("export const c = 2;\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"js/app/main.js", "js/app/b.js", "js/c.js"} {
		if one.URL(name) == two.URL(name) {
			t.Errorf("%s: the same URL although what it imports has changed", name)
		}
	}
}

func TestNewAssets_ImportsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]fstest.MapFS{
		"nothing": {"js/a.js": {Data: []byte("import \"./none.js\";\n")}},
		"itself":  {"js/a.js": {Data: []byte("import \"./a.js\";\n")}},
		"circle":  {"js/a.js": {Data: []byte("import \"./b.js\";\n")}, "js/b.js": {Data: []byte("import \"./a.js\";\n")}},
		"packed":  {"js/a.js": {Data: []byte("import \"./b.js\";\n")}, "js/b.js.gz": {Data: []byte("x")}},
	} {
		if _, err := httpkit.NewAssets(files); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestModule_PreloadsWhatItImports(t *testing.T) {
	t.Parallel()
	assets, err := httpkit.NewAssets(modules("export const c = 1;\n"))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := httpkit.NewPages(assets, page(`{{module "js/app/main.js"}}`))
	if err != nil {
		t.Fatal(err)
	}
	got := rendered(t, pages)
	want := regexp.MustCompile(`<link rel="modulepreload" href="/static/js/c\.\w{8}\.js">\n` +
		`<link rel="modulepreload" href="/static/js/app/b\.\w{8}\.js">\n<script type="module" src="/static/js/app/main\.\w{8}\.js"></script>`)
	if !want.MatchString(got) {
		t.Errorf("got %s, want %s", got, want)
	}
}
