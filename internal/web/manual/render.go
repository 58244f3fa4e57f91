package manual

import (
	"bytes"
	"fmt"
	"html/template"
	"image/png"
	"io/fs"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// converter reads CommonMark with tables, and gives headings the ids that GitHub
// gives them. It writes no raw HTML and no styles.
func converter() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone))),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(blocks{}, 1))),
	)
}

// render converts a file.
func (m *Manual) render(name string) (Page, error) {
	source, err := fs.ReadFile(m.files, name)
	if err != nil {
		return Page{}, err
	}
	markdown := converter()
	root := markdown.Parser().Parse(text.NewReader(source))
	var page Page
	for node := root.FirstChild(); node != nil; node = node.NextSibling() {
		heading, ok := node.(*ast.Heading)
		switch {
		case !ok:
		case heading.Level == 1 && page.Title == "":
			page.Title = plain(heading, source)
		case heading.Level == 2:
			page.Headings = append(page.Headings, Heading{idOf(heading), plain(heading, source)})
		}
	}
	if err := m.connect(root, name); err != nil {
		return Page{}, fmt.Errorf("docs/%s: %w", name, err)
	}
	var body bytes.Buffer
	err = markdown.Renderer().Render(&body, source, root)
	page.Body = template.HTML(body.String()) //nolint:gosec // our own files, without raw HTML
	return page, err
}

// connect replaces the addresses of links and images in a file by those on the
// site. A link to a file that is no document becomes plain text.
func (m *Manual) connect(root ast.Node, name string) error {
	var outside []*ast.Link
	err := ast.Walk(root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := node.(type) {
		case *ast.Link:
			target, ok := m.resolve(name, string(n.Destination))
			if !ok {
				outside = append(outside, n)
			}
			n.Destination = []byte(target)
		case *ast.Image:
			return ast.WalkContinue, m.place(n, name)
		}
		return ast.WalkContinue, nil
	})
	for _, link := range outside {
		unlink(link)
	}
	return err
}

// resolve returns the address of a link in a file; false if it leads to a file that
// is no document.
func (m *Manual) resolve(name, link string) (string, bool) {
	if strings.HasPrefix(link, "#") || strings.HasPrefix(link, "/") || strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
		return link, true
	}
	file, anchor, _ := strings.Cut(link, "#")
	address := addressOf(joined(name, file))
	if anchor != "" {
		anchor = "#" + anchor
	}
	return address + anchor, m.Has(address)
}

// place sets the address and the size of an image, so that the page does not move
// when it arrives.
func (m *Manual) place(image *ast.Image, name string) error {
	file := joined(name, string(image.Destination))
	content, err := fs.ReadFile(m.files, file)
	if err != nil {
		return err
	}
	size, err := png.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	image.Destination = []byte(m.image(file))
	image.SetAttributeString("width", []byte(strconv.Itoa(size.Width)))
	image.SetAttributeString("height", []byte(strconv.Itoa(size.Height)))
	image.SetAttributeString("loading", []byte("lazy"))
	return nil
}

// unlink replaces a link by its text.
func unlink(link *ast.Link) {
	parent := link.Parent()
	for child := link.FirstChild(); child != nil; child = link.FirstChild() {
		parent.InsertBefore(parent, link, child)
	}
	parent.RemoveChild(parent, link)
}

// blocks writes blocks that may be wider than the page: one can scroll them with
// the keyboard.
type blocks struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (blocks) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, writeCode)
	r.Register(ast.KindCodeBlock, writeCode)
	r.Register(extast.KindTable, writeTable)
}

func writeCode(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString("<pre class=\"code\" tabindex=\"0\"><code>") // errors of w show when it is flushed
	for i := range node.Lines().Len() {
		line := node.Lines().At(i)
		_, _ = w.Write(util.EscapeHTML(line.Value(source)))
	}
	_, err := w.WriteString("</code></pre>\n")
	return ast.WalkSkipChildren, err
}

func writeTable(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	tag := "</table></div>\n"
	if entering {
		tag = "<div class=\"table-wrap\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table class=\"table\">\n"
	}
	_, err := w.WriteString(tag)
	return ast.WalkContinue, err
}
