package arch_test

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// checkSize returns files above the limit.
func checkSize(sources []source) (problems []string) {
	for _, s := range sources {
		if s.lines > maxFileLines {
			problems = append(problems, fmt.Sprintf("%s: %d lines of code, limit %d: split it by subject", s.path, s.lines, maxFileLines))
		}
	}
	return problems
}

// checkDocumented returns exported names and packages without a comment.
func checkDocumented(sources []source) (problems []string) {
	documented := map[string]bool{}
	for _, s := range sources {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		documented[s.dir] = documented[s.dir] || s.ast.Doc != nil
		for _, name := range undocumented(s.ast) {
			problems = append(problems, fmt.Sprintf("%s: %s has no comment: state its contract", s.at(name.Pos()), name.Name))
		}
	}
	for dir, ok := range documented {
		if !ok {
			problems = append(problems, dir+": no file has a package comment: say in one sentence what the package is for")
		}
	}
	return problems
}

// undocumented returns the exported names of a file that have no comment.
func undocumented(file *ast.File) (names []*ast.Ident) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) {
				names = append(names, d.Name)
			}
		case *ast.GenDecl:
			names = append(names, undocumentedSpecs(d)...)
		}
	}
	return names
}

// exportedReceiver reports whether a function is none's method or that of an exported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	exported := false
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok {
			exported = name.IsExported()
			return false
		}
		return true
	})
	return exported
}

// undocumentedSpecs looks through one const, var or type declaration. The
// comment of a group covers the constants and variables in it.
func undocumentedSpecs(d *ast.GenDecl) (names []*ast.Ident) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.ValueSpec:
			if d.Doc == nil && s.Doc == nil && s.Comment == nil {
				names = append(names, exported(s.Names)...)
			}
		case *ast.TypeSpec:
			grouped := d.Lparen.IsValid()
			names = append(names, undocumentedType(s, !grouped && d.Doc != nil)...)
		}
	}
	return names
}

// undocumentedType returns the type's name when it has no comment, and the methods of an
// interface that have none.
func undocumentedType(s *ast.TypeSpec, covered bool) (names []*ast.Ident) {
	if !s.Name.IsExported() {
		return nil
	}
	if !covered && s.Doc == nil {
		names = append(names, s.Name)
	}
	if i, ok := s.Type.(*ast.InterfaceType); ok {
		names = append(names, undocumentedMethods(i)...)
	}
	return names
}

// undocumentedMethods returns the methods of an interface that have no comment.
func undocumentedMethods(i *ast.InterfaceType) (names []*ast.Ident) {
	for _, method := range i.Methods.List {
		if method.Doc == nil && method.Comment == nil {
			names = append(names, exported(method.Names)...)
		}
	}
	return names
}

// exported returns the exported ones of names.
func exported(names []*ast.Ident) []*ast.Ident {
	return slices.DeleteFunc(slices.Clone(names), func(n *ast.Ident) bool { return !n.IsExported() })
}
