// Package manual converts the documentation from Markdown to HTML. A document is
// converted when it is first read, and kept.
package manual

import (
	"html/template"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// Root is the path below which the documents are: docs/api/tasks.md is at
// /docs/api/tasks/, and the index.md of a folder at the path of the folder.
const Root = "/docs/"

const (
	indexFile = "index.md"
	suffix    = ".md"
)

// Page is a document as HTML.
type Page struct {
	Title    string // the text of its first heading
	Body     template.HTML
	Headings []Heading // of the second level, in order
}

// Heading is a heading of a page.
type Heading struct{ ID, Title string }

// Chapter is a group of documents in the map.
type Chapter struct {
	Title string
	Links []Link
}

// Link is a document in the map.
type Link struct{ Title, Path string }

// Manual holds the documents. It is safe for concurrent use.
type Manual struct {
	files    fs.FS
	image    func(name string) string // its address
	pages    map[string]func() (Page, error)
	chapters func() ([]Chapter, error)
}

// New returns the manual of the Markdown files in a file system. The function image
// returns the address of an image by its name in the file system.
func New(files fs.FS, image func(name string) string) (*Manual, error) {
	m := &Manual{files: files, image: image, pages: map[string]func() (Page, error){}}
	m.chapters = sync.OnceValues(m.readChapters)
	return m, fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && path.Ext(name) == suffix {
			m.pages[addressOf(name)] = sync.OnceValues(func() (Page, error) { return m.render(name) })
		}
		return err
	})
}

// addressOf returns the path of the document in a file.
func addressOf(name string) string {
	folder, file := path.Split(name)
	if file == indexFile {
		return Root + folder
	}
	return Root + strings.TrimSuffix(name, suffix) + "/"
}

// Has reports whether there is a document at a path.
func (m *Manual) Has(path string) bool { return m.pages[path] != nil }

// Page returns the document at a path, which must exist.
func (m *Manual) Page(path string) (Page, error) { return m.pages[path]() }

// Chapters returns the map of the documentation: the links of lists in index.md,
// grouped by the headings of the second level.
func (m *Manual) Chapters() ([]Chapter, error) { return m.chapters() }
