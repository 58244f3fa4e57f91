package arch_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const module = "roster/"

// row returns the name of the row that a directory belongs to: its top
// directory, below internal/ where it is there.
func row(dir string) string {
	if dir == "." {
		return "main"
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(dir, "internal/"), "/")
	return name
}

// checkImports returns what the import table forbids.
func checkImports(sources []source) (problems []string) {
	for _, s := range sources {
		if _, ok := rows[row(s.dir)]; !ok {
			problems = append(problems, fmt.Sprintf("%s: package %s has no row: say in rows of internal/arch/table_test.go and in docs/architecture.md what it may import", s.path, row(s.dir)))
			continue
		}
		for _, spec := range s.ast.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue
			}
			if problem := checkImport(s, imported); problem != "" {
				problems = append(problems, s.at(spec.Pos())+": "+problem)
			}
		}
	}
	return problems
}

// checkFanIn returns the packages that too many others import: their general
// half belongs in a package of its own.
func checkFanIn(sources []source) (problems []string) {
	importers := map[string][]string{}
	for _, s := range sources {
		for _, spec := range s.ast.Imports {
			dir := strings.TrimPrefix(strings.Trim(spec.Path.Value, `"`), module)
			if !s.test && !slices.Contains(importers[dir], s.dir) {
				importers[dir] = append(importers[dir], s.dir)
			}
		}
	}
	for dir, limit := range maxFanIn {
		if n := len(importers[dir]); n > limit {
			problems = append(problems, fmt.Sprintf("%s: %d packages import it, limit %d: %s", dir, n, limit, strings.Join(importers[dir], ", ")))
		}
	}
	return problems
}

// checkImport returns why a file may not import a path, "" when it may.
func checkImport(s source, imported string) string {
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case strings.HasPrefix(imported, module):
		return checkOurs(s, strings.TrimPrefix(imported, module))
	case strings.Contains(first, "."):
		return checkModule(s, imported)
	case !s.test && slices.Contains(domain, row(s.dir)) && slices.ContainsFunc(forbiddenInDomain, under(imported)):
		return fmt.Sprintf("domain package %s imports %q: move that half into an adapter or a door", row(s.dir), imported)
	}
	return ""
}

// checkOurs judges an import of a package of this repository.
func checkOurs(s source, dir string) string {
	from, to := row(s.dir), row(dir)
	helper := strings.HasSuffix(dir, "test")
	switch {
	case helper && !s.test:
		return fmt.Sprintf("%s is for tests: import it from test files alone", dir)
	case from == to, helper, slices.Contains(rows[from], to):
		return ""
	case s.test && slices.Contains(inTests, to):
		return ""
	}
	return fmt.Sprintf("%s may not import %s (%s): declare the small interface that %s needs and let cli join them", from, to, allowedText(rows[from]), from)
}

// checkModule judges an import of a third-party package.
func checkModule(s source, imported string) string {
	var users []string
	for prefix, packages := range modules {
		if under(imported)(prefix) {
			users = packages
		}
	}
	switch {
	case users == nil:
		return fmt.Sprintf("%q is in no row of modules in internal/arch/table_test.go: a new dependency needs a row there and a line in docs/adr/0006-dependencies.md", imported)
	case slices.Contains(users, row(s.dir)), s.test && slices.Contains(users, onlyTests):
		return ""
	}
	return fmt.Sprintf("%q belongs to %s: go through that package", imported, strings.Join(users, ", "))
}

// under returns a function that reports whether imported is a path or lies below it.
func under(imported string) func(string) bool {
	return func(prefix string) bool {
		return imported == prefix || strings.HasPrefix(imported, prefix+"/")
	}
}

// allowedText says in words what a row allows.
func allowedText(allowed []string) string {
	if len(allowed) == 0 {
		return "it may import nothing of ours"
	}
	return "it may import " + strings.Join(allowed, ", ")
}
