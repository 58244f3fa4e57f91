package httpkit

import (
	"bytes"
	"crypto/rand"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"roster/internal/lang"
)

//go:embed templates
var ownTemplates embed.FS

// Pages renders HTML pages, all in one layout. It is safe for concurrent use.
type Pages struct {
	// Environment is shown in the header of every page, "" for none. It may be set
	// before the first request.
	Environment string

	byName map[string]*template.Template // as parsed; never executed
	spoken sync.Map                      // by pageKey: the pages that were needed, in their language
	// tokenMark is the placeholder of the CSRF token in rendered pages, because the
	// functions of a template cannot depend on the request. It is random, so that
	// user input cannot contain it.
	tokenMark string
}

// The formats of days and times on pages, in the zone of TIME_ZONE.
const (
	DayLayout  = "2 Jan 2006"
	TimeLayout = "2 Jan 2006, 15:04"
)

// TimeTitle returns a time in full, with the name of its zone, for a tooltip, such
// as "2026-11-24 03:30:00 Europe/Berlin (UTC+01:00)".
func TimeTitle(t time.Time) string {
	title := t.Format(time.DateTime) + " " + t.Location().String()
	if t.Location() == time.UTC {
		return title
	}
	return title + t.Format(" (UTC-07:00)")
}

// layoutView is the data of the layout.
type layoutView struct {
	Navigation

	Narrow      bool             // the navigation is collapsed
	Environment string           // as in Pages
	Visitor     string           // the account that is logged in, "" for none
	Login       string           // the address of the login, "" where there is no link to it
	Languages   []*lang.Language // to choose from
	Page        string           // the address of the page, to return to; "" after a form
	Data        any              // of the page
}

// Folder returns a folder of embedded files for NewPages and NewAssets. It panics
// on an invalid name.
func Folder(files embed.FS, name string) fs.FS {
	folder, err := fs.Sub(files, name)
	if err != nil {
		panic(err)
	}
	return folder
}

// NewPages returns a renderer for the templates in sources. Every file NAME.html
// at the top of a source is the page NAME; it defines the templates "title" and
// "main", "head" for more scripts or styles, and "skip" for more skip links. The files parts/NAME.html of a
// source are shared by its pages. Templates link to static files with
// {{asset "css/roster.css"}}, load a module and its imports with
// {{module "js/users.js"}}, and begin every POST form with {{csrf_field}}.
// NewPages sets assets.NotFound to the 404 page.
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

// functions returns the functions of templates.
func (p *Pages) functions(assets *Assets) template.FuncMap {
	url := assetURL(assets)
	functions := template.FuncMap{
		"asset": url,
		"module": func(name string) (template.HTML, error) {
			var tags strings.Builder
			for _, imported := range assets.Imports(name) {
				fmt.Fprintf(&tags, "<link rel=\"modulepreload\" href=\"%s\">\n", assets.URL(imported))
			}
			src, err := url(name)
			fmt.Fprintf(&tags, "<script type=\"module\" src=\"%s\"></script>", src)
			return template.HTML(tags.String()), err //nolint:gosec // names of embedded files
		},
		"csrf_field": func() template.HTML {
			return template.HTML(`<input type="hidden" name="` + CSRFField + `" value="` + p.tokenMark + `">`) //nolint:gosec // no user input
		},
	}
	maps.Copy(functions, texts(lang.English))
	return functions
}

type pageKey struct {
	name     string
	language *lang.Language
}

// in returns a page whose functions are those of a language; nil if there is none.
// Every page is copied once for every language, when it is first needed.
func (p *Pages) in(l *lang.Language, name string) (*template.Template, error) {
	if page, ok := p.spoken.Load(pageKey{name, l}); ok {
		return page.(*template.Template), nil //nolint:forcetypeassert // the map holds nothing else
	}
	parsed := p.byName[name]
	if parsed == nil {
		return nil, fmt.Errorf("no page %q", name)
	}
	page, err := parsed.Clone()
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	kept, _ := p.spoken.LoadOrStore(pageKey{name, l}, page.Funcs(texts(l)))
	return kept.(*template.Template), nil //nolint:forcetypeassert // as above
}

// assetURL returns the template function that links to a static file. It fails
// for files that do not exist.
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

// Render answers with the named page. When it returns an error it has written
// nothing.
func (p *Pages) Render(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	page, err := p.execute(r, name, data)
	if err != nil {
		return err
	}
	p.respond(w, r, status, page)
	return nil
}

// execute returns the named page, with the mark in the place of tokens.
func (p *Pages) execute(r *http.Request, name string, data any) ([]byte, error) {
	page, err := p.in(lang.From(r.Context()), name)
	if err != nil {
		return nil, err
	}
	login := loginURL(r)
	if e, ok := data.(errorView); ok && login != "" && e.Login == "" {
		login = loginPath // which does not help with the error, so there is no page to return to
	}
	var buf bytes.Buffer
	visitor := visitorOf(r)
	view := layoutView{
		Navigation: visitor.Navigation.at(r.URL.Path), Narrow: isNarrow(r), Environment: p.Environment,
		Visitor: visitor.Name, Login: login, Languages: Languages(r), Page: pageOf(r), Data: data,
	}
	if err := page.Execute(&buf, view); err != nil {
		return nil, fmt.Errorf("render page %s: %w", name, err)
	}
	return buf.Bytes(), nil
}

// RenderPart answers 200 with one template of the named page, for a script that
// updates that part. When it returns an error it has written nothing.
func (p *Pages) RenderPart(w http.ResponseWriter, r *http.Request, name, part string, data any) error {
	page, err := p.in(lang.From(r.Context()), name)
	if err != nil {
		return err
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
	w.Header().Set("Cache-Control", "no-store")
	vary(w.Header())
	write(w, r, status, Prefixed(r, page))
}

// vary names what pages depend on: the language is that of the account or cookie, or
// of Accept-Language.
func vary(h http.Header) {
	h.Add("Vary", "Accept-Encoding")
	h.Add("Vary", "Accept-Language")
	h.Add("Vary", "Cookie")
}

// write sends a page, compressed for clients that accept gzip.
func write(w http.ResponseWriter, r *http.Request, status int, page []byte) {
	h := w.Header()
	SecureDocument(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", lang.From(r.Context()).Tag)
	if len(page) >= MinCompressed && AcceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		page = Gzip(page)
	}
	h.Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(status)
	// A failed write means that the client has gone away.
	_, _ = bytes.NewReader(page).WriteTo(w)
}
