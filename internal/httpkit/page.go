package httpkit

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed templates
var ownTemplates embed.FS

// Pages renders HTML pages, all in one layout. It is safe for concurrent use.
type Pages struct {
	byName map[string]*template.Template
}

// navigation lists what the head of every page links to.
var navigation = []struct{ Name, Path string }{
	{"Home", "/"},
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

// NewPages returns the renderer of the templates in sources: every file
// NAME.html at the top of a source is the page NAME and defines the
// templates "title" and "main", and "head" where it needs more scripts or
// styles. Pages link to static files by {{asset "css/roster.css"}}. Missing
// assets of assets are answered with the 404 page from then on.
func NewPages(assets *Assets, sources ...fs.FS) (*Pages, error) {
	own, err := fs.Sub(ownTemplates, "templates")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	layout, err := template.New("layout.html").Funcs(template.FuncMap{"asset": assetURL(assets)}).ParseFS(own, "layout.html")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	p := &Pages{byName: map[string]*template.Template{}}
	for _, source := range append([]fs.FS{own}, sources...) {
		if err := p.addSource(layout, source); err != nil {
			return nil, fmt.Errorf("templates: %w", err)
		}
	}
	assets.NotFound = func(w http.ResponseWriter, r *http.Request) { p.ErrorPage(w, r, http.StatusNotFound) }
	return p, nil
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
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "layout" {
			continue
		}
		if p.byName[name] != nil {
			return fmt.Errorf("page %s exists twice", name)
		}
		page, err := template.Must(layout.Clone()).ParseFS(source, file)
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
	SecureDocument(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(buf.Len()))
	w.WriteHeader(status)
	// A failed write means that the client has gone: nobody is left to be told.
	_, _ = buf.WriteTo(w)
	return nil
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
