package api_test

import (
	"flag"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"roster/internal/api"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/httpkit"
	"roster/internal/user"
)

var update = flag.Bool("update", false, "update the golden files")

// fingerprints change with every change of a style sheet; pages do not.
var fingerprints = regexp.MustCompile(`\.[0-9a-f]{8}\.(css|js|svg)`)

// hostile breaks out of whatever does not escape it.
const hostile = `</textarea></script><img src=x onerror=alert(1)>"' {{.}}`

func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	got = fingerprints.ReplaceAllString(got, ".FINGERPRINT.$1")
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, string(want)); diff != "" {
		t.Errorf("%s differs (-got +want):\n%s", file, diff)
	}
}

func renderPage(t *testing.T, method, path string, page api.BrowsePage) string {
	t.Helper()
	assets, err := httpkit.NewAssets()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := httpkit.NewPages(assets, api.Templates())
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := api.RenderBrowsable(w, httptest.NewRequest(method, path, http.NoBody), pages, page); err != nil {
		t.Fatal(err)
	}
	if w.Code != page.Status {
		t.Errorf("got status %d, want %d", w.Code, page.Status)
	}
	return w.Body.String()
}

func text(s string) form.Value { return form.Value{Kind: form.String, Text: s} }

func TestRenderBrowsable_List(t *testing.T) {
	t.Parallel()
	checkGolden(t, "browse-list.html", renderPage(t, http.MethodGet, "/api/users/?page=2", api.BrowsePage{
		Noun: "user", Rows: "/api/users/",
		Title:       "T User List",
		Breadcrumbs: []api.BrowseLink{{Name: "Api Root", URL: "/api/"}, {Name: "T User List", URL: "/api/users/"}},
		Status:      http.StatusOK,
		Headers:     []api.BrowseHeader{{Name: "Allow", Value: "GET, POST, HEAD, OPTIONS"}},
		Body:        []byte("{\n    \"count\": 12,\n    \"next\": null,\n    \"previous\": \"http://example.com/api/users/\",\n    \"results\": []\n}"),
		Previous:    "http://example.com/api/users/",
		Formats:     []api.BrowseLink{{Name: "json", URL: "/api/users/?format=json&page=2"}},
		Form:        api.NewCreateForm(nil, nil),
	}))
}

func TestRenderBrowsable_Instance(t *testing.T) {
	t.Parallel()
	stored := form.Input{
		"username": text("ada"), "email": text("ada@example.com"), "phone": {Kind: form.Null},
		"address": text("\n12 St James's Square\nLondon"), "is_active": {Kind: form.Boolean},
	}
	checkGolden(t, "browse-instance.html", renderPage(t, http.MethodGet, "/api/users/1/", api.BrowsePage{
		Noun: "user", Rows: "/api/users/",
		Title: "T User Instance", Status: http.StatusOK, Body: []byte(`{"id": 1}`), CanDelete: true,
		Form: api.NewChangeForm(stored, nil, nil),
	}))
}

func TestRenderBrowsable_RefusedForm(t *testing.T) {
	t.Parallel()
	sent := form.Input{"username": text("ab"), "is_active": text("maybe")}
	faults := fault.Fields{
		{Name: "username", Messages: []string{"Username must be at least 3 characters long."}},
		{Name: "email", Messages: []string{"This field is required."}},
		{Name: "is_active", Messages: []string{"Must be a valid boolean."}},
		{Name: "non_field_errors", Messages: []string{"One more thing."}},
	}
	checkGolden(t, "browse-refused.html", renderPage(t, http.MethodPost, "/api/users/", api.BrowsePage{
		Noun: "user", Rows: "/api/users/",
		Title: "T User List", Status: http.StatusBadRequest, Body: []byte(`{}`), Form: api.NewCreateForm(sent, faults),
	}))
}

func TestRenderBrowsable_NothingToShow(t *testing.T) {
	t.Parallel()
	got := renderPage(t, http.MethodDelete, "/api/users/1/", api.BrowsePage{Title: "T User Instance", Status: http.StatusOK})
	for _, part := range []string{"<pre", "<form", "<dialog", "DELETE</button>", `rel="next"`} {
		if strings.Contains(got, part) {
			t.Errorf("the page has %q", part)
		}
	}
}

// No text of a user, a header or an address becomes markup, wherever it stands.
func TestRenderBrowsable_Escaping(t *testing.T) {
	t.Parallel()
	values := form.Input{}
	var faults fault.Fields
	for _, field := range user.Table() {
		values[field.Name] = text(hostile)
		faults.Add(field.Name, hostile)
	}
	got := renderPage(t, http.MethodGet, "/api/users/?x="+strings.ReplaceAll(hostile, " ", "+"), api.BrowsePage{
		Noun: "user", Rows: "/api/users/",
		Title: hostile, Description: hostile, Status: http.StatusOK,
		Breadcrumbs: []api.BrowseLink{{Name: hostile, URL: "javascript:alert(1)"}},
		Headers:     []api.BrowseHeader{{Name: hostile, Value: hostile}},
		Body:        []byte(`{"` + hostile + `": "http://x/` + hostile + `", "b": "https://x/<b>'&` + "\xff" + `"}`),
		Next:        "javascript:alert(1)", Previous: `" onclick="alert(1)`,
		Formats: []api.BrowseLink{{Name: hostile, URL: "data:text/html,x"}},
		Form:    api.NewChangeForm(values, values, faults),
	})
	for _, bad := range []string{"<img src=x", "</script><", `href="javascript:`, `href="data:`, `" onclick`} {
		if strings.Contains(got, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if n := strings.Count(got, "</textarea>"); n != 2 {
		t.Errorf("got %d ends of text areas, want 2", n)
	}
	if !utf8.ValidString(got) {
		t.Error("the page is not valid UTF-8")
	}
}

// The Content-Security-Policy allows nothing inline.
func TestRenderBrowsable_NothingInline(t *testing.T) {
	t.Parallel()
	got := renderPage(t, http.MethodGet, "/api/users/1/", api.BrowsePage{
		Noun: "user", Rows: "/api/users/",
		Title: "T User Instance", Status: http.StatusOK, CanDelete: true, Form: api.NewChangeForm(nil, nil, nil),
	})
	if found := regexp.MustCompile(`<style|<script>|\sstyle=|\son[a-z]+=`).FindString(strings.ToLower(got)); found != "" {
		t.Errorf("the page has %q", found)
	}
}

func TestNewChangeForm_SentOverStored(t *testing.T) {
	t.Parallel()
	stored := form.Input{"username": text("ada"), "phone": {Kind: form.Null}}
	form := api.NewChangeForm(stored, form.Input{"username": text("")}, nil)
	var sent []string
	for _, field := range form.Fields {
		if field.Sent {
			sent = append(sent, field.Name)
		}
	}
	if !slices.Equal(sent, []string{"username"}) {
		t.Errorf("sent: got %v, want username", sent)
	}
	if form.Fields[0].Text != "" {
		t.Errorf("username: got %q, want what was sent", form.Fields[0].Text)
	}
	if !strings.Contains(form.Raw, `"phone": null`) {
		t.Errorf("raw: got %s, want phone null", form.Raw)
	}
}

func TestNewCreateForm_Values(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		value  form.Value
		text   string
		ticked bool
		raw    string
	}{
		{"text", text(`a "b" <c>`), `a "b" <c>`, false, `"a \"b\" <c>"`},
		{"word for true", text("Yes"), "Yes", true, `"Yes"`},
		{"word for false", text("off"), "off", false, `"off"`},
		{"lone surrogate", text("a\xed\xa0\x80"), "a\uFFFD", false, "\"a\uFFFD\""},
		{"true", form.Value{Kind: form.Boolean, Bool: true}, "true", true, "true"},
		{"one", form.Value{Kind: form.Integer, Text: "1"}, "1", true, "1"},
		{"large", form.Value{Kind: form.Integer, Text: "123456789012345678901"}, "123456789012345678901", false, "123456789012345678901"},
		{"float", form.Value{Kind: form.Float, Number: 1}, "1", true, "1"},
		{"null", form.Value{Kind: form.Null}, "", false, "null"},
		{"list", form.Value{Kind: form.List}, "", false, "null"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			form := api.NewCreateForm(form.Input{"username": tt.value, "is_active": tt.value}, nil)
			for _, field := range form.Fields {
				if field.Name == "username" && field.Text != tt.text {
					t.Errorf("text: got %q, want %q", field.Text, tt.text)
				}
				if field.Name == "is_active" && field.Ticked != tt.ticked {
					t.Errorf("ticked: got %t, want %t", field.Ticked, tt.ticked)
				}
			}
			if want := `"username": ` + tt.raw + ",\n"; !strings.Contains(form.Raw, want) {
				t.Errorf("raw: got %s, want %s in it", form.Raw, want)
			}
		})
	}
}

func TestHighlightJSON(t *testing.T) {
	t.Parallel()
	tests := []struct{ json, want string }{
		{``, ``},
		{`{"a": 1}`, `{<span class="code-key">&#34;a&#34;</span>: <span class="code-number">1</span>}`},
		{`[true, null, -1.5e+3]`, `[<span class="code-word">true</span>, <span class="code-word">null</span>, <span class="code-number">-1.5e+3</span>]`},
		{`"a\"<"`, `<span class="code-string">&#34;a\&#34;&lt;&#34;</span>`},
		{`"http://x/?a=1&b"`, `<span class="code-string">&#34;<a href="http://x/?a=1&amp;b" rel="nofollow noreferrer">http://x/?a=1&amp;b</a>&#34;</span>`},
		{`"see http://x/"`, `<span class="code-string">&#34;see http://x/&#34;</span>`},
		{`"http://x/ y"`, `<span class="code-string">&#34;http://x/ y&#34;</span>`},
		{`"http://x/\"onclick"`, `<span class="code-string">&#34;http://x/\&#34;onclick&#34;</span>`},
		{`"javascript:alert(1)"`, `<span class="code-string">&#34;javascript:alert(1)&#34;</span>`},
		{`<b>`, `&lt;b&gt;`},
	}
	for _, tt := range tests {
		if got := string(api.HighlightJSON([]byte(tt.json))); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.json, got, tt.want)
		}
	}
}

// tags are all the tags that highlighting may add.
var tags = regexp.MustCompile(`<span class="code-(key|string|number|word)">|</span>|<a href="https?://[^"<>]*" rel="nofollow noreferrer">|</a>`)

// Without its own tags, the result is the input escaped: nothing is lost, and
// no input adds a tag of its own.
func FuzzHighlightJSON(f *testing.F) {
	for _, seed := range []string{`{"a": [1, "http://x/"]}`, hostile, `"http://x/'><b>"`, `"unfinished`, `"\`, "\xff\"\xc3", `"https://":`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		plain := tags.ReplaceAllString(string(api.HighlightJSON([]byte(input))), "")
		if strings.ContainsAny(plain, `<>"`) {
			t.Fatalf("got markup in %q", plain)
		}
		if got, want := html.UnescapeString(plain), strings.ToValidUTF8(input, "\uFFFD"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestHighlightJSON_LinksIDs(t *testing.T) {
	t.Parallel()
	got := string(api.HighlightJSON([]byte(`{"id": 12, "count": 3, "other": {"id": "x"}, "id": -1}`)))
	if !strings.Contains(got, `<a href="/api/users/12/">12</a>`) || strings.Count(got, "<a ") != 2 || strings.Contains(got, `/3/`) {
		t.Errorf("got %s", got)
	}
}
