// Package langtest has languages for tests, in which every text of a catalogue is
// marked, and finds texts of pages that are not marked.
package langtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"golang.org/x/net/html"

	"roster/internal/lang"
)

// The languages: Marked lengthens and marks every text, RightToLeft is written from
// right to left too.
const (
	Marked      = "qps"
	RightToLeft = "ar"
)

const open, closed = '⟦', '⟧'

// Files has the files of the languages, for lang.Load or LOCALE_DIR. They are made
// from the texts of the catalogues of the program.
func Files(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for code, forms := range map[string]int{Marked: 1, RightToLeft: 6} {
		var b strings.Builder
		b.WriteString("msgid \"\"\nmsgstr \"Language: " + code + "\\n\"\n")
		for _, text := range lang.TextsOf("de") {
			write(&b, text, forms, code == RightToLeft)
		}
		files[code+".po"] = &fstest.MapFile{Data: []byte(b.String())}
	}
	return files
}

// write writes an entry.
func write(b *strings.Builder, text lang.Text, forms int, rtl bool) {
	if text.Context != "" {
		fmt.Fprintf(b, "msgctxt %s\n", strconv.Quote(text.Context))
	}
	fmt.Fprintf(b, "msgid %s\n", quote(text.One))
	if text.Many == "" {
		fmt.Fprintf(b, "msgstr %s\n", quote(mark(text.One, text.Context == "date", rtl)))
		return
	}
	fmt.Fprintf(b, "msgid_plural %s\n", quote(text.Many))
	for i := range forms {
		fmt.Fprintf(b, "msgstr[%d] %s\n", i, quote(mark(text.Many, false, rtl)))
	}
}

// quote writes a string as PO files do, which leave characters as they are.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text) + `"`
}

// mark returns a text with marks, longer by a third. Layouts of dates stay short.
func mark(text string, isDate, rtl bool) string {
	longer := ""
	if n := len([]rune(text)) / 3; !isDate {
		longer = " " + strings.Repeat("x", max(1, min(n, 12)))
	}
	if rtl {
		longer += "م"
	}
	return string(open) + text + longer + string(closed)
}

// shown lists the attributes with texts.
var shown = []string{"title", "aria-label", "placeholder", "alt", "data-label"}

// silent lists the elements whose texts are no language.
var silent = []string{"script", "style", "code", "pre", "kbd", "svg", "template"}

// Unmarked returns the texts of a page without a mark, except those that allowed
// contains, those without letters, and those that are marked as of another language.
func Unmarked(page string, allowed ...string) (found []string) {
	doc, err := html.ParseWithOptions(strings.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		return []string{err.Error()}
	}
	s := &search{allowed: allowed}
	s.node(doc)
	return s.found
}

type search struct {
	allowed []string
	depth   int // of marks
	found   []string
}

func (s *search) node(n *html.Node) {
	if n.Type == html.TextNode {
		s.text(n.Data)
	}
	if n.Type == html.ElementNode {
		if n.Data != "svg" && slices.Contains(silent, n.Data) || n.Data != "html" && attribute(n, "lang") != "" {
			return
		}
		for _, a := range n.Attr {
			if slices.Contains(shown, a.Key) && s.depth == 0 {
				(&search{allowed: s.allowed}).into(a.Val, &s.found)
			}
		}
	}
	for child := range n.ChildNodes() {
		s.node(child)
	}
}

func (s *search) into(text string, found *[]string) {
	s.text(text)
	*found = append(*found, s.found...)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text looks at a text, which may begin or end inside of marks.
func (s *search) text(text string) {
	var outside strings.Builder
	for _, r := range text {
		switch r {
		case open:
			s.depth++
		case closed:
			s.depth--
		default:
			if s.depth == 0 {
				outside.WriteRune(r)
			}
		}
	}
	for part := range strings.FieldsFuncSeq(outside.String(), func(r rune) bool { return r == '\n' }) {
		part = strings.TrimSpace(part)
		if strings.ContainsFunc(part, unicode.IsLetter) && !slices.Contains(s.allowed, part) {
			s.found = append(s.found, part)
		}
	}
}
