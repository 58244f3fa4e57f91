package api

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v4"

	"roster/internal/access"
	"roster/internal/form"
	"roster/internal/httpkit"
	"roster/internal/user"
)

//go:embed static
var staticFiles embed.FS

//go:embed templates/docs
var docsTemplates embed.FS

// The Content-Security-Policy of the documentation pages. Both bundles use images
// from data: URLs. ReDoc creates empty <style> elements, which the hash of the
// empty text allows, and fills them through the CSS object model, which no policy
// restricts. The second hash is that of its one inline style sheet, and changes
// with its version.
const (
	redocStyles = " 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"
	docsPolicy  = "default-src 'none'; script-src 'self'; style-src 'self'%s; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// Static returns the static files of the API's pages for httpkit.NewAssets, most of
// them only in compressed form (x.gz for x).
func Static() fs.FS { return httpkit.Folder(staticFiles, "static") }

// assetURLs returns the URL of a static file.
type assetURLs interface {
	URL(name string) string
}

// docs serves the API documentation. It is safe for concurrent use.
type docs struct {
	spec  *document
	pages *template.Template
}

// newDocs returns the documentation of spec. assets has the URLs of its scripts
// and styles.
func newDocs(assets assetURLs, spec *document) (*docs, error) {
	pages, err := template.New("docs").Funcs(template.FuncMap{"asset": assets.URL}).
		ParseFS(docsTemplates, "templates/docs/*.html")
	if err != nil {
		return nil, fmt.Errorf("documentation pages: %w", err)
	}
	return &docs{spec: spec, pages: pages}, nil
}

// showSwagger answers with Swagger UI.
func (d *docs) showSwagger(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	return d.show(w, r, "swagger.html", "")
}

// showRedoc answers with ReDoc.
func (d *docs) showRedoc(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	return d.show(w, r, "redoc.html", redocStyles)
}

// show answers with a page whose policy allows additional styles.
func (d *docs) show(w http.ResponseWriter, r *http.Request, name, styles string) error {
	var page bytes.Buffer
	if err := d.pages.ExecuteTemplate(&page, name, nil); err != nil {
		return fmt.Errorf("documentation page %s: %w", name, err)
	}
	h := w.Header()
	httpkit.SecureDocument(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", fmt.Sprintf(docsPolicy, styles))
	h.Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(httpkit.Prefixed(r, page.Bytes())))
	return nil
}

// showJSON answers with the OpenAPI document as JSON.
func (d *docs) showJSON(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	return d.spec.serve(w, r, formJSON)
}

// showYAML answers with the OpenAPI document as YAML.
func (d *docs) showYAML(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	return d.spec.serve(w, r, formYAML)
}

// documentForm is a format of the OpenAPI document.
type documentForm int

const (
	formJSON documentForm = iota
	formYAML
)

// rendition is the OpenAPI document in one format.
type rendition struct {
	contentType string
	etag        string
	body        []byte
	packed      []byte // the gzip form
}

// document is the OpenAPI document, built on first use. It is safe for concurrent
// use.
type document struct {
	renditions func() (map[documentForm]rendition, error)
}

// newDocument returns the document that build returns. It calls build at most once.
func newDocument(build func() (*openapi3.T, error)) *document {
	return &document{renditions: sync.OnceValues(func() (map[documentForm]rendition, error) {
		doc, err := build()
		if err != nil {
			return nil, err
		}
		return renderDocument(doc)
	})}
}

func renderDocument(doc *openapi3.T) (map[documentForm]rendition, error) {
	unordered, err := doc.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("OpenAPI document as JSON: %w", err)
	}
	var tree yaml.Node // JSON is YAML
	if err := yaml.Load(unordered, &tree); err != nil {
		return nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	arrange(&tree, readingOrder())
	asJSON := appendNode(nil, &tree) // before Dump, which rewrites the tags
	asYAML, err := yaml.Dump(&tree)
	if err != nil {
		return nil, fmt.Errorf("OpenAPI document as YAML: %w", err)
	}
	return map[documentForm]rendition{
		formJSON: newRendition("application/json", asJSON),
		formYAML: newRendition("application/yaml", asYAML), // RFC 9512
	}, nil
}

// readingOrder ranks keys of the document for readability. Other keys follow in
// alphabetical order.
func readingOrder() map[string]int {
	keys := []string{
		"openapi", "info", "servers", "tags", "paths", "components",
		"get", "post", "put", "patch", "delete", "options",
		"count", "next", "previous", "results",
	}
	for _, f := range user.Table() {
		keys = append(keys, f.Name)
	}
	rank := make(map[string]int, len(keys))
	for i, key := range keys {
		rank[key] = i - len(keys)
	}
	return rank
}

// arrange sorts the keys of mappings by rank, and removes the styles of JSON.
func arrange(n *yaml.Node, rank map[string]int) {
	n.Style = 0
	if n.Kind == yaml.MappingNode {
		pairs := slices.Collect(slices.Chunk(n.Content, 2))
		slices.SortStableFunc(pairs, func(a, b []*yaml.Node) int { return rank[a[0].Value] - rank[b[0].Value] })
		n.Content = slices.Concat(pairs...)
	}
	for _, child := range n.Content {
		arrange(child, rank)
	}
}

// appendNode appends a node as JSON. Numbers and literals are unchanged from the
// JSON that the tree was parsed from.
func appendNode(b []byte, n *yaml.Node) []byte {
	switch n.Kind {
	case yaml.DocumentNode:
		return appendNode(b, n.Content[0])
	case yaml.SequenceNode:
		b = append(b, '[')
		for i, item := range n.Content {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendNode(b, item)
		}
		return append(b, ']')
	case yaml.MappingNode:
		b = append(b, '{')
		for i := 0; i < len(n.Content); i += 2 {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(form.AppendString(b, n.Content[i].Value), ':')
			b = appendNode(b, n.Content[i+1])
		}
		return append(b, '}')
	}
	if n.Tag == "!!str" {
		return form.AppendString(b, n.Value)
	}
	return append(b, n.Value...)
}

func newRendition(contentType string, body []byte) rendition {
	digest := sha256.Sum256(body)
	return rendition{contentType: contentType, etag: `"` + hex.EncodeToString(digest[:16]) + `"`, body: bytes.Clone(body), packed: httpkit.Gzip(body)}
}

// under returns the document for a server whose paths have a prefix: servers is the
// first member with a url.
func (d rendition) under(prefix string) rendition {
	if prefix == "" {
		return d
	}
	body := bytes.Replace(d.body, []byte(`"url":"/"`), []byte(`"url":"`+prefix+`/"`), 1)
	body = bytes.Replace(body, []byte("url: /\n"), []byte("url: "+prefix+"/\n"), 1)
	return newRendition(d.contentType, body)
}

// serve answers with one format of the document, or 304.
func (d *document) serve(w http.ResponseWriter, r *http.Request, form documentForm) error {
	renditions, err := d.renditions()
	if err != nil {
		return err
	}
	chosen := renditions[form].under(httpkit.RequestOf(r).Prefix)
	h := w.Header()
	h.Set("Content-Type", chosen.contentType)
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Encoding")
	if httpkit.AcceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.Itoa(len(chosen.packed)))
		h.Set("Etag", strings.TrimSuffix(chosen.etag, `"`)+`-gzip"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(chosen.packed))
		return nil
	}
	h.Set("Etag", chosen.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(chosen.body))
	return nil
}
