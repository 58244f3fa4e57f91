package manual_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"roster/internal/web/manual"
)

// folder returns a manual of these documents, whose images are at /static/.
func folder(t *testing.T, files map[string]string) *manual.Manual {
	t.Helper()
	all := fstest.MapFS{}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return open(t, all)
}

func open(t *testing.T, files fs.FS) *manual.Manual {
	t.Helper()
	m, err := manual.New(files, func(name string) string { return "/static/" + name })
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func read(t *testing.T, m *manual.Manual, path string) manual.Page {
	t.Helper()
	page, err := m.Page(path)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// pixel is a PNG of one pixel.
const pixel = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"

func TestPage_Converts(t *testing.T) {
	t.Parallel()
	m := folder(t, map[string]string{
		"index.md": "# Docs\n", "guide/index.md": "# Guides\n", "images/a.png": pixel,
		"guide/one.md": "# The `one` guide\n\n## Step 1\n\n[two](../two.md#end), [map](../index.md), [all](index.md), [here](#step-1), [page](/users/), [site](https://example.com/).\n\n" +
			"[code](../../main.go) and [absent](absent.md) <b>bold</b>\n\n![A](../images/a.png)\n\n## Step 2: `x`\n\n```sh\nroster serve && <b>\n```\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n",
		"two.md": "# Two\n",
	})
	page := read(t, m, "/docs/guide/one/")
	if page.Title != "The one guide" {
		t.Errorf("got the title %q", page.Title)
	}
	if diff := cmp.Diff(page.Headings, []manual.Heading{{ID: "step-1", Title: "Step 1"}, {ID: "step-2-x", Title: "Step 2: x"}}); diff != "" {
		t.Errorf("headings (-got +want):\n%s", diff)
	}
	for _, want := range []string{
		`<a href="/docs/two/#end">two</a>`, `<a href="/docs/">map</a>`, `<a href="/docs/guide/">all</a>`, `<a href="#step-1">here</a>`,
		`<a href="/users/">page</a>`, `<a href="https://example.com/">site</a>`, "code and absent ",
		`<img src="/static/images/a.png" alt="A" width="1" height="1" loading="lazy">`,
		"<pre class=\"code\" tabindex=\"0\"><code>roster serve &amp;&amp; &lt;b&gt;\n</code></pre>",
		"<div class=\"table-wrap\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table class=\"table\">", "<td>2</td>\n</tr>\n</tbody>\n</table></div>",
	} {
		if !strings.Contains(string(page.Body), want) {
			t.Errorf("no %s in\n%s", want, page.Body)
		}
	}
	for _, bad := range []string{"style=", "<b>", "main.go", "absent.md"} {
		if strings.Contains(string(page.Body), bad) {
			t.Errorf("%s in\n%s", bad, page.Body)
		}
	}
	if m.Has("/docs/one/") || m.Has("/docs/guide") || m.Has("/") {
		t.Error("it has documents that do not exist")
	}
}

func TestPage_MissingImage(t *testing.T) {
	t.Parallel()
	m := folder(t, map[string]string{"index.md": "![a](images/a.png)\n"})
	if _, err := m.Page("/docs/"); err == nil || !strings.HasPrefix(err.Error(), "docs/index.md: ") {
		t.Errorf("got %v, want an error that names the document", err)
	}
}

func TestChapters(t *testing.T) {
	t.Parallel()
	m := folder(t, map[string]string{
		"index.md": "# Docs\n\n- [no chapter](one.md)\n\n## How-to\n\n- [The `one`](one.md): what it does\n- no link\n- [code](../main.go)\n\nText.\n\n- [Two](api/two.md)\n\n## Empty\n",
		"one.md":   "# One\n", "api/two.md": "# Two\n",
	})
	got, err := m.Chapters()
	want := []manual.Chapter{{Title: "How-to", Links: []manual.Link{{Title: "The one", Path: "/docs/one/"}, {Title: "Two", Path: "/docs/api/two/"}}}, {Title: "Empty"}}
	if diff := cmp.Diff(got, want); diff != "" || err != nil {
		t.Errorf("got %v, (-got +want):\n%s", err, diff)
	}
}

// root is the repository.
var root = os.DirFS("../../..")

// ours are the documents of this repository.
func ours(t *testing.T) *manual.Manual {
	t.Helper()
	docs, err := fs.Sub(root, "docs")
	if err != nil {
		t.Fatal(err)
	}
	return open(t, docs)
}

// TestDocs_Map shows that the map leads to every document, or to the index of its
// folder.
func TestDocs_Map(t *testing.T) {
	t.Parallel()
	m := ours(t)
	chapters, err := m.Chapters()
	if err != nil {
		t.Fatal(err)
	}
	listed := []string{manual.Root}
	for _, chapter := range chapters {
		for _, link := range chapter.Links {
			listed = append(listed, link.Path)
		}
	}
	for _, folder := range slices.Clone(listed) {
		for _, link := range hrefs.FindAllStringSubmatch(string(read(t, m, folder).Body), -1) {
			if strings.HasPrefix(link[1], folder) {
				listed = append(listed, link[1])
			}
		}
	}
	for _, path := range m.Paths() {
		if !slices.Contains(listed, path) {
			t.Errorf("docs/index.md does not list %s", path)
		}
	}
}

var (
	hrefs = regexp.MustCompile(`href="([^"#]*)(?:#([^"]*))?"`)
	ids   = regexp.MustCompile(` id="([^"]*)"`)
)

// TestDocs_Links follows every link of the documents to its document and heading.
func TestDocs_Links(t *testing.T) {
	t.Parallel()
	m := ours(t)
	for _, from := range m.Paths() {
		page := read(t, m, from)
		if page.Title == "" {
			t.Errorf("%s has no title", from)
		}
		for _, link := range hrefs.FindAllStringSubmatch(string(page.Body), -1) {
			to, anchor := link[1], link[2]
			if to == "" {
				to = from
			}
			if !strings.HasPrefix(to, manual.Root) || anchor == "" {
				continue
			}
			found := ids.FindAllStringSubmatch(string(read(t, m, to).Body), -1)
			if !slices.ContainsFunc(found, func(id []string) bool { return id[1] == anchor }) {
				t.Errorf("%s: no heading %s in %s", from, anchor, to)
			}
		}
	}
}

// links are those of Markdown, outside of code.
var (
	links = regexp.MustCompile(`\]\(([^)\s#]+)(?:#[^)]*)?\)`)
	code  = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
)

// TestDocs_Files shows that the files to which documents refer exist, also those
// that are not part of the documentation.
func TestDocs_Files(t *testing.T) {
	t.Parallel()
	documents := []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}
	err := fs.WalkDir(root, "docs", func(name string, _ fs.DirEntry, err error) error {
		if path.Ext(name) == ".md" {
			documents = append(documents, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range documents {
		text, err := fs.ReadFile(root, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range links.FindAllStringSubmatch(code.ReplaceAllString(string(text), ""), -1) {
			to := link[1]
			if strings.Contains(to, ":") || strings.HasPrefix(to, "/") {
				continue
			}
			if _, err := fs.Stat(root, path.Join(path.Dir(name), to)); err != nil {
				t.Errorf("%s: %s does not exist", name, to)
			}
		}
	}
}
