package httpkit

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed templates
var ownTemplates embed.FS

// Pages renders HTML pages, all in one layout. It is safe for concurrent use.
type Pages struct {
	byName map[string]*template.Template
	// tokenMark stands in rendered pages where the visitor's token belongs: the
	// functions of a template are fixed before anybody asks for the page. It is
	// random, so that no text of a user's can be one.
	tokenMark string
}

// How pages write days and times, in the zone of TIME_ZONE.
const (
	DayLayout  = "2 Jan 2006"
	TimeLayout = "2 Jan 2006, 15:04"
)

// navigation lists what the head of every page links to.
var navigation = []struct{ Name, Path string }{
	{"Home", "/"},
	{"Users", "/users/"},
	{"Admin", "/admin/"},
	{"API", "/api/"},
	{"Swagger", "/swagger/"},
	{"ReDoc", "/redoc/"},
}

// layoutView is what the layout is given.
type layoutView struct {
	Nav  []navItem
	Data any // the page's own
}

// navItem is one link of the navigation.
type navItem struct {
	Name, Path string
	Current    bool // the page belongs to this part of the site
}

// Folder returns a folder of files that are compiled in, as NewPages and
// NewAssets take it. It panics on a name that no folder can have.
func Folder(files embed.FS, name string) fs.FS {
	folder, err := fs.Sub(files, name)
	if err != nil {
		panic(err)
	}
	return folder
}

// NewPages returns the renderer of the templates in sources: every file
// NAME.html at the top of a source is the page NAME and defines the
// templates "title" and "main", and "head" where it needs more scripts or
// styles; what all pages of a source share is in its files parts/NAME.html.
// Pages link to static files by {{asset "css/roster.css"}} and load a
// module with all that it imports by {{module "js/users.js"}}; a form that is
// sent with POST begins with {{csrf_field}}. Missing assets of assets are
// answered with the 404 page from then on.
func NewPages(assets *Assets, sources ...fs.FS) (*Pages, error) {
	own, err := fs.Sub(ownTemplates, "templates")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	p := &Pages{byName: map[string]*template.Template{}, tokenMark: rand.Text()}
	layout, err := template.New("layout.html").Funcs(p.functions(assets)).ParseFS(own, "layout.html")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	for _, source := range append([]fs.FS{own}, sources...) {
		if err := p.addSource(layout, source); err != nil {
			return nil, fmt.Errorf("templates: %w", err)
		}
	}
	assets.NotFound = func(w http.ResponseWriter, r *http.Request) { p.ErrorPage(w, r, http.StatusNotFound) }
	return p, nil
}

// functions are what templates may call.
func (p *Pages) functions(assets *Assets) template.FuncMap {
	url := assetURL(assets)
	return template.FuncMap{
		"asset": url,
		"module": func(name string) (template.HTML, error) {
			var tags strings.Builder
			for _, imported := range assets.Imports(name) {
				fmt.Fprintf(&tags, "<link rel=\"modulepreload\" href=\"%s\">\n", assets.URL(imported))
			}
			src, err := url(name)
			fmt.Fprintf(&tags, "<script type=\"module\" src=\"%s\"></script>", src)
			return template.HTML(tags.String()), err //nolint:gosec // names of our own files
		},
		"csrf_field": func() template.HTML {
			return template.HTML(`<input type="hidden" name="` + CSRFField + `" value="` + p.tokenMark + `">`) //nolint:gosec // no text of a user's
		},
	}
}

// assetURL returns the template function that links to a static file; a
// name that does not exist fails the page.
func assetURL(assets *Assets) func(string) (string, error) {
	return func(name string) (string, error) {
		if !assets.Has(name) {
			return "", fmt.Errorf("no static file %s", name)
		}
		return assets.URL(name), nil
	}
}

func (p *Pages) addSource(layout *template.Template, source fs.FS) error {
	files, err := fs.Glob(source, "*.html")
	if err != nil {
		return err
	}
	shared, err := fs.Glob(source, "parts/*.html")
	if err != nil {
		return err
	}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "layout" {
			continue
		}
		if p.byName[name] != nil {
			return fmt.Errorf("page %s exists twice", name)
		}
		page, err := template.Must(layout.Clone()).ParseFS(source, append(shared, file)...)
		if err != nil {
			return err
		}
		p.byName[name] = page
	}
	return nil
}

// Render answers with the named page, whose templates are given data. When
// it returns an error nothing has been written.
func (p *Pages) Render(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	page := p.byName[name]
	if page == nil {
		return fmt.Errorf("no page %q", name)
	}
	var buf bytes.Buffer
	if err := page.Execute(&buf, layoutView{Nav: navItems(r.URL.Path), Data: data}); err != nil {
		return fmt.Errorf("render page %s: %w", name, err)
	}
	p.respond(w, r, status, buf.Bytes())
	return nil
}

// RenderPart answers 200 with one template of the named page alone, for a
// script that puts it in place. When it returns an error nothing has been
// written.
func (p *Pages) RenderPart(w http.ResponseWriter, r *http.Request, name, part string, data any) error {
	page := p.byName[name]
	if page == nil {
		return fmt.Errorf("no page %q", name)
	}
	var buf bytes.Buffer
	if err := page.ExecuteTemplate(&buf, part, data); err != nil {
		return fmt.Errorf("render %s of page %s: %w", part, name, err)
	}
	p.respond(w, r, http.StatusOK, buf.Bytes())
	return nil
}

func (p *Pages) respond(w http.ResponseWriter, r *http.Request, status int, page []byte) {
	if mark := []byte(p.tokenMark); bytes.Contains(page, mark) {
		token := ""
		if c := csrfOf(r); c != nil {
			token = c.field(w, r)
		}
		page = bytes.ReplaceAll(page, mark, []byte(token))
	}
	h := w.Header()
	SecureDocument(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Encoding")
	if len(page) >= minCompressed && acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		page = compressed(page)
	}
	h.Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(status)
	// A failed write means that the client has gone: nobody is left to be told.
	_, _ = bytes.NewReader(page).WriteTo(w)
}

// packers keeps gzip writers, which are large.
var packers = sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }}

// compressed returns the gzip form of a page.
func compressed(page []byte) []byte {
	var buf bytes.Buffer
	z, _ := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(&buf)
	// Writing to memory does not fail.
	_, _ = z.Write(page)
	_ = z.Close()
	return buf.Bytes()
}

// navItems returns the navigation as seen from a path.
func navItems(current string) []navItem {
	items := make([]navItem, len(navigation))
	for i, n := range navigation {
		inside := current == n.Path || n.Path != "/" && strings.HasPrefix(current, n.Path)
		items[i] = navItem{Name: n.Name, Path: n.Path, Current: inside}
	}
	return items
}
