package httpkit

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"
)

//go:embed static
var ownStatic embed.FS

// staticPrefix is where the assets live in the URL space.
const staticPrefix = "/static/"

// Assets serves static files: under a fingerprinted URL, which may be cached
// forever, and under the plain name, which is revalidated on every use.
// It is safe for concurrent use.
type Assets struct {
	// NotFound answers requests for files that do not exist; it may be set
	// before the first request. NewPages sets it to the 404 page.
	NotFound http.HandlerFunc

	plain         map[string]*asset // by name
	fingerprinted map[string]*asset // by name with the fingerprint in it
}

// NewAssets returns a server for the static files of this package and of
// sources. A file x.gz in a source is the compressed form of x, which may be
// absent; a file that exists only in compressed form is never held in memory.
// JavaScript modules import each other by relative names, which are rewritten
// to fingerprinted ones. The same name in two sources is an error, and so is
// the import of a file that does not exist.
func NewAssets(sources ...fs.FS) (*Assets, error) {
	own, err := fs.Sub(ownStatic, "static")
	if err != nil {
		return nil, fmt.Errorf("static files: %w", err)
	}
	a := &Assets{NotFound: http.NotFound, plain: map[string]*asset{}, fingerprinted: map[string]*asset{}}
	for _, source := range append([]fs.FS{own}, sources...) {
		if err := a.addSource(source); err != nil {
			return nil, fmt.Errorf("static files: %w", err)
		}
	}
	if err := linkModules(a.plain); err != nil {
		return nil, fmt.Errorf("static files: %w", err)
	}
	for name, f := range a.plain {
		a.fingerprinted[f.fingerprint(name)] = f
	}
	return a, nil
}

func (a *Assets) addSource(source fs.FS) error {
	found, err := findAssets(source)
	if err != nil {
		return err
	}
	for name, f := range found {
		if a.plain[name] != nil {
			return fmt.Errorf("%s exists twice", name)
		}
		if err := f.measure(); err != nil {
			return err
		}
		a.plain[name] = f
	}
	return nil
}

// findAssets returns the files of source by their uncompressed names.
func findAssets(source fs.FS) (map[string]*asset, error) {
	found := map[string]*asset{}
	err := fs.WalkDir(source, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name := strings.TrimSuffix(file, ".gz")
		f := found[name]
		if f == nil {
			f = &asset{source: source, contentType: contentTypeOf(name)}
			found[name] = f
		}
		if name == file {
			f.name = file
		} else {
			f.packed = file
		}
		return nil
	})
	return found, err
}

// URL returns the fingerprinted path of a file such as "css/roster.css". For a
// name that does not exist it returns the plain path, which answers 404.
func (a *Assets) URL(name string) string {
	if f := a.plain[name]; f != nil {
		return staticPrefix + f.fingerprint(name)
	}
	return staticPrefix + name
}

// Has reports whether a file of that name exists.
func (a *Assets) Has(name string) bool { return a.plain[name] != nil }

// ServeHTTP answers GET and HEAD below /static/, compressed for clients that
// accept gzip. It supports conditional and range requests (RFC 9110).
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, staticPrefix)
	cache := "public, max-age=31536000, immutable"
	f := a.fingerprinted[name]
	if f == nil {
		f, cache = a.plain[name], "no-cache"
	}
	if f == nil {
		a.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD are allowed here.", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Cache-Control", cache)
	w.Header().Set("Content-Type", f.contentType)
	if f.hasCompressed() {
		w.Header().Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			f.serveCompressed(w, r)
			return
		}
	}
	f.servePlain(w, r)
}

// Static is a file for a web server that serves static files itself.
type Static struct {
	Name    string // below /static/, with slashes
	Content []byte
	Gzip    []byte // the compressed form; nil for files that are not worth compressing
}

// Each calls visit for every file in the order of names, first with the plain
// name, then with the fingerprinted one. It stops at the first error of visit.
// The slices are not kept.
func (a *Assets) Each(visit func(Static) error) error {
	for _, name := range slices.Sorted(maps.Keys(a.plain)) {
		f := a.plain[name]
		content, packed, err := f.forms()
		if err != nil {
			return fmt.Errorf("static file %s: %w", name, err)
		}
		for _, served := range []string{name, f.fingerprint(name)} {
			if err := visit(Static{Name: served, Content: content, Gzip: packed}); err != nil {
				return err
			}
		}
	}
	return nil
}
