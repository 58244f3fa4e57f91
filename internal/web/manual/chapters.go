package manual

import (
	"io/fs"
	"path"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// readChapters reads the map from index.md.
func (m *Manual) readChapters() (all []Chapter, err error) {
	source, err := fs.ReadFile(m.files, indexFile)
	if err != nil {
		return nil, err
	}
	root := converter().Parser().Parse(text.NewReader(source))
	for node := root.FirstChild(); node != nil; node = node.NextSibling() {
		switch n := node.(type) {
		case *ast.Heading:
			if n.Level == 2 {
				all = append(all, Chapter{Title: plain(n, source)})
			}
		case *ast.List:
			if len(all) > 0 {
				chapter := &all[len(all)-1]
				chapter.Links = append(chapter.Links, m.links(n, source)...)
			}
		}
	}
	return all, nil
}

// links returns the first link of each item of a list.
func (m *Manual) links(list *ast.List, source []byte) (all []Link) {
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		if item.FirstChild() == nil {
			continue
		}
		if link, ok := item.FirstChild().FirstChild().(*ast.Link); ok {
			if address, ok := m.resolve(indexFile, string(link.Destination)); ok {
				all = append(all, Link{plain(link, source), address})
			}
		}
	}
	return all
}

// plain returns the text of a node without markup.
func plain(node ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(node, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the function returns no error
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Value(source))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// idOf returns the anchor of a heading.
func idOf(heading *ast.Heading) string {
	id, _ := heading.AttributeString("id")
	value, _ := id.([]byte)
	return string(value)
}

// joined returns the name of a file to which a file refers.
func joined(from, to string) string { return path.Join(path.Dir(from), to) }
