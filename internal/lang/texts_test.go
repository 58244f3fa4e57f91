package lang_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roster/internal/lang"
)

// inTemplate finds the calls of the functions of texts in templates.
var inTemplate = regexp.MustCompile("\\b(?:t|markup)\\s+(\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`)|\\bn\\s+\\S+\\s+(\"(?:[^\"\\\\]|\\\\.)*\")")

// inCode has the methods of Language whose argument of that number is a text.
var inCode = map[string]int{"T": 0, "HTML": 0, "N": 1}

// used returns the texts that templates and code have in calls, by file.
func used(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch ext := filepath.Ext(path); {
		case strings.HasSuffix(path, "_test.go"), strings.HasPrefix(path, "../lang/"), strings.Contains(path, "/testdata/"):
		case ext == ".html", ext == ".txt":
			found[path] = ofTemplate(t, path)
		case ext == ".go":
			found[path] = ofCode(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	found["format.go"] = ofCode(t, "format.go")
	return found
}

func ofTemplate(t *testing.T, path string) (texts []string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range regexp.MustCompile(`{{.*?}}`).FindAllString(string(content), -1) {
		for _, m := range inTemplate.FindAllStringSubmatch(action, -1) {
			text, err := strconv.Unquote(m[1] + m[2])
			if err != nil {
				t.Fatalf("%s: %s: %v", path, action, err)
			}
			texts = append(texts, text)
		}
	}
	return texts
}

func ofCode(t *testing.T, path string) (texts []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		at, ok := inCode[method.Sel.Name]
		if !ok || at >= len(call.Args) {
			return true
		}
		if text, ok := call.Args[at].(*ast.BasicLit); ok && text.Kind == token.STRING {
			unquoted, _ := strconv.Unquote(text.Value)
			texts = append(texts, unquoted)
		}
		return true
	})
	return texts
}

// Every text of a template or of code is in every catalogue.
func TestCatalogues_Complete(t *testing.T) {
	t.Parallel()
	catalog, err := lang.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for path, texts := range used(t) {
		n += len(texts)
		for _, l := range catalog.All() {
			for _, text := range texts {
				if !l.Has(text) {
					t.Errorf("%s: %q is not in languages/%s.po", path, text, l.Code)
				}
			}
		}
	}
	if n == 0 {
		t.Error("found no texts")
	}
}

// The catalogues have the same texts, so that each is complete.
func TestCatalogues_Agree(t *testing.T) {
	t.Parallel()
	catalog, err := lang.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	first := catalog.All()[1]
	for _, l := range catalog.All()[2:] {
		for _, missing := range lang.Difference(first, l) {
			t.Errorf("%s.po has no translation of %q", l.Code, missing)
		}
		for _, missing := range lang.Difference(l, first) {
			t.Errorf("%s.po has no translation of %q", first.Code, missing)
		}
	}
	if codes := catalog.Codes(); !slices.Equal(codes, []string{"en", "de", "es", "zh-hans"}) {
		t.Errorf("got the languages %v", codes)
	}
}
