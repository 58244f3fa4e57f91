package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestConversions_AreChecked keeps package store and those below it from dropping
// a conversion that failed: in "n, _ = value.(int64)" an unexpected type becomes
// 0, and in "n, _ = strconv.Atoi(text)" an unexpected text does.
func TestConversions_AreChecked(t *testing.T) {
	t.Parallel()
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "test/") {
			return err
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if dropsConversion(n) {
				t.Errorf("%s: the failure of a conversion is dropped; use sqldb.Scan, or return the error", files.Position(n.Pos()))
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestStatements_AvoidPipes keeps || out of statements for MySQL, where it is OR
// unless sql_mode says otherwise.
func TestStatements_AvoidPipes(t *testing.T) {
	t.Parallel()
	files := token.NewFileSet()
	for _, folder := range []string{".", "mysql", "index", "examine"} {
		paths, err := filepath.Glob(folder + "/*.go")
		if err != nil || len(paths) == 0 {
			t.Fatal(paths, err)
		}
		for _, path := range paths {
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				text, ok := n.(*ast.BasicLit)
				if ok && text.Kind == token.STRING && strings.Contains(text.Value, "||") && !isOfSQLite(path, text.Value) {
					t.Errorf("%s: || concatenates depending on sql_mode; use CAST, CONCAT or dialect.lines", files.Position(n.Pos()))
				}
				return true
			})
		}
	}
}

// isOfSQLite reports whether a text with || is none for MySQL.
func isOfSQLite(path, text string) bool {
	return strings.HasSuffix(path, "conversion_test.go") || strings.HasSuffix(path, "_sqlite.go") || text == `" || '\n' || "`
}

// dropsConversion reports whether a node assigns the success of a conversion to
// the blank identifier.
func dropsConversion(n ast.Node) bool {
	assignment, ok := n.(*ast.AssignStmt)
	if !ok || len(assignment.Rhs) != 1 || len(assignment.Lhs) != 2 {
		return false
	}
	if blank, ok := assignment.Lhs[1].(*ast.Ident); !ok || blank.Name != "_" {
		return false
	}
	switch from := assignment.Rhs[0].(type) {
	case *ast.TypeAssertExpr:
		return true
	case *ast.CallExpr:
		called, ok := from.Fun.(*ast.SelectorExpr)
		return ok && isConversion(called.Sel.Name)
	}
	return false
}

func isConversion(name string) bool {
	for _, prefix := range []string{"Parse", "Atoi", "Scan", "Sscan", "Int", "Bool", "Time", "Unmarshal", "Unquote", "Decode"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
