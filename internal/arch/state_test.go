package arch_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// checkState returns what makes a domain package depend on more than its
// arguments: init functions, and package variables that change.
func checkState(sources []source) (problems []string) {
	variables := map[string][]string{}
	for _, s := range sources {
		if s.test || !slices.Contains(domain, row(s.dir)) {
			continue
		}
		for _, v := range packageVariables(s.ast.Decls) {
			variables[s.dir] = append(variables[s.dir], namesOf(v)...)
		}
		problems = append(problems, declaredState(s)...)
	}
	for _, s := range sources {
		for _, name := range written(s.ast, variables[s.dir]) {
			problems = append(problems, fmt.Sprintf("%s: package variable %s is changed: keep it in a value that New returns", s.at(name.Pos()), name.Name))
		}
	}
	return problems
}

// declaredState returns the init functions of a file, and its variables that can only be there to change.
func declaredState(s source) (problems []string) {
	for _, decl := range s.ast.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if ok && f.Name.Name == "init" && f.Recv == nil {
			problems = append(problems, s.at(f.Pos())+": init function in a domain package: let New do it")
		}
	}
	for _, v := range packageVariables(slices.DeleteFunc(slices.Clone(s.ast.Decls), embeds)) {
		if len(v.Values) == 0 {
			problems = append(problems, fmt.Sprintf("%s: package variable %s has no value: keep it in a value that New returns", s.at(v.Pos()), v.Names[0].Name))
		}
	}
	return problems
}

// embeds reports whether a declaration has its value from a file.
func embeds(decl ast.Decl) bool {
	d, ok := decl.(*ast.GenDecl)
	return ok && d.Doc != nil && slices.ContainsFunc(d.Doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// packageVariables returns what is declared with var outside functions.
func packageVariables(decls []ast.Decl) (specs []*ast.ValueSpec) {
	for _, decl := range decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.VAR {
			continue
		}
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				specs = append(specs, v)
			}
		}
	}
	return specs
}

// namesOf returns the names that one line of a var declares.
func namesOf(v *ast.ValueSpec) (names []string) {
	for _, name := range v.Names {
		names = append(names, name.Name)
	}
	return names
}

// written returns the places where functions assign to one of the variables or to a part of it.
func written(file *ast.File, variables []string) (names []*ast.Ident) {
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || len(variables) == 0 {
			continue
		}
		local := declaredIn(f)
		ast.Inspect(f, func(n ast.Node) bool {
			for _, target := range targets(n) {
				name := rootName(target)
				if name != nil && slices.Contains(variables, name.Name) && !local[name.Name] {
					names = append(names, name)
				}
			}
			return true
		})
	}
	return names
}

// declaredIn returns the names that a function declares, parameters included.
func declaredIn(f *ast.FuncDecl) map[string]bool {
	local := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		for _, e := range declarations(n) {
			if name, ok := e.(*ast.Ident); ok {
				local[name.Name] = true
			}
		}
		return true
	})
	return local
}

// declarations returns the names that one node declares.
func declarations(n ast.Node) (names []ast.Expr) {
	var idents []*ast.Ident
	switch d := n.(type) {
	case *ast.Field:
		idents = d.Names
	case *ast.ValueSpec:
		idents = d.Names
	case *ast.AssignStmt:
		if d.Tok == token.DEFINE {
			return d.Lhs
		}
	case *ast.RangeStmt:
		if d.Tok == token.DEFINE {
			return []ast.Expr{d.Key, d.Value}
		}
	}
	for _, name := range idents {
		names = append(names, name)
	}
	return names
}

// targets returns what a statement writes to.
func targets(n ast.Node) []ast.Expr {
	switch s := n.(type) {
	case *ast.AssignStmt:
		if s.Tok != token.DEFINE {
			return s.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{s.X}
	}
	return nil
}

// rootName returns the name at the left end of an expression such as a.b[c], nil when there is none.
func rootName(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}
