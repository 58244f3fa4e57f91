package arch_test

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// source is one Go file of the repository.
type source struct {
	path  string // from the repository's root, with slashes
	dir   string
	test  bool // only tests are built with it: _test.go, or a package such as storetest
	lines int  // lines with code on them: neither blank nor comment alone
	fset  *token.FileSet
	ast   *ast.File
}

// at returns "path:line" of a position, for messages.
func (s source) at(pos token.Pos) string {
	return s.fset.Position(pos).String()
}

// loadRepository returns the Go files of this repository.
func loadRepository(t *testing.T) []source {
	t.Helper()
	return load(t, os.DirFS(repositoryRoot(t)))
}

// repositoryRoot returns the nearest directory above the test's own that holds go.mod.
func repositoryRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test's directory")
		}
		dir = filepath.Dir(dir)
	}
}

// load parses every Go file in fsys that belongs to this module, whatever its
// build constraints say.
func load(t *testing.T, fsys fs.FS) []source {
	t.Helper()
	var sources []source
	walk(t, fsys, func(name string) {
		if path.Ext(name) != ".go" {
			return
		}
		s, ok := parse(t, name, readText(t, fsys, name))
		if ok {
			sources = append(sources, s)
		}
	})
	return sources
}

// walk calls visit for every file of the repository that people write: build
// output, caches, test data and modules of their own are left out.
func walk(t *testing.T, fsys fs.FS, visit func(name string)) {
	t.Helper()
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !entry.IsDir():
			visit(name)
		case skippedDirectory(fsys, name):
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// skippedDirectory reports whether a directory holds nothing to check.
func skippedDirectory(fsys fs.FS, name string) bool {
	switch base := path.Base(name); base {
	case ".":
		return false
	case ".git", ".cache", "bin", "dist", "logs", "testdata", "node_modules":
		return true
	}
	_, err := fs.Stat(fsys, name+"/go.mod")
	return err == nil
}

// readText returns a file's content.
func readText(t *testing.T, fsys fs.FS, name string) string {
	t.Helper()
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// parse returns the parsed file; false when it is generated.
func parse(t *testing.T, name, text string) (source, bool) {
	t.Helper()
	s := source{path: name, dir: path.Dir(name), fset: token.NewFileSet()}
	parsed, err := parser.ParseFile(s.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%v: the file must be valid Go", err)
	}
	s.ast = parsed
	s.test = strings.HasSuffix(name, "_test.go") || strings.HasSuffix(s.dir, "test")
	s.lines = codeLines(text)
	return s, !ast.IsGenerated(parsed)
}

// codeLines counts the lines of Go that hold part of a token.
func codeLines(text string) int {
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(text))
	var scan scanner.Scanner
	scan.Init(file, []byte(text), nil, 0)
	lines := map[int]bool{}
	for {
		pos, tok, literal := scan.Scan()
		if tok == token.EOF {
			return len(lines)
		}
		if tok == token.SEMICOLON && literal == "\n" {
			continue
		}
		first := file.Line(pos)
		for n := range 1 + strings.Count(literal, "\n") {
			lines[first+n] = true
		}
	}
}

func TestCodeLines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       int
	}{
		{"nothing", "", 0},
		{"comments and blanks", "// a\n\n/* b\nc */\n", 0},
		{"code", "package a\n\nvar b = 1 // c\n", 2},
		{"text over lines", "package a\n\nconst b = `c\n\nd`\n", 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := codeLines(test.text); got != test.want {
				t.Errorf("got %d lines, want %d", got, test.want)
			}
		})
	}
}
