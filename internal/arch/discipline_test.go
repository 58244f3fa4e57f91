package arch_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
)

// checkWaits returns test code that sleeps or skips: the one is slow and
// flaky, the other passes without having looked. Within synctest.Test time is
// not real, and sleeping costs nothing.
func checkWaits(sources []source) (problems []string) {
	for _, s := range sources {
		if !s.test || waits[s.path] != "" {
			continue
		}
		for _, call := range waitingCalls(s.ast) {
			problems = append(problems, s.at(call.Pos())+": a test may not sleep or skip: use testing/synctest or start what it needs, or give a reason in waits of internal/arch/table_test.go")
		}
	}
	return problems
}

// waitingCalls returns the calls of a file that sleep or skip.
func waitingCalls(file *ast.File) (calls []*ast.CallExpr) {
	bubbleEnd := token.NoPos
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		on, method := called(call)
		switch {
		case on == "synctest" && method == "Test":
			bubbleEnd = max(bubbleEnd, call.End())
		case on == "time" && method == "Sleep":
			if call.Pos() > bubbleEnd {
				calls = append(calls, call)
			}
		case skips(on, method):
			calls = append(calls, call)
		}
		return true
	})
	return calls
}

// called returns the two names of a call such as time.Sleep, "" for what has another form.
func called(call *ast.CallExpr) (on, method string) {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	name, ok := selector.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	return name.Name, selector.Sel.Name
}

// skips reports whether a call leaves a test out.
func skips(on, method string) bool {
	return slices.Contains([]string{"t", "b", "f", "tb"}, on) && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, method)
}

// checkHashes returns code other than tests that hashes passwords weakly.
func checkHashes(sources []source) (problems []string) {
	for _, s := range sources {
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok && !s.test && selector.Sel.Name == "Weak" {
				if on, ok := selector.X.(*ast.Ident); ok && on.Name == "password" {
					problems = append(problems, s.at(n.Pos())+": password.Weak is for tests alone")
				}
			}
			return true
		})
	}
	return problems
}

// checkTestRatio returns directories whose code has no test file, and says
// when the repository has too few lines of test for its lines of code.
func checkTestRatio(sources []source) (problems []string) {
	code, tests := 0, 0
	tested, needs := map[string]bool{}, map[string]bool{}
	for _, s := range sources {
		switch {
		case strings.HasSuffix(s.path, "_test.go"):
			tests += s.lines
			tested[s.dir] = true
		case s.test:
			tests += s.lines
		case untested[s.dir] == "":
			code += s.lines
			needs[s.dir] = needs[s.dir] || hasFunctions(s.ast)
		}
	}
	for dir, needed := range needs {
		if needed && !tested[dir] {
			problems = append(problems, dir+": code without a test file: add one, or a reason in untested of internal/arch/table_test.go")
		}
	}
	if float64(tests) < minTestRatio*float64(code) {
		problems = append(problems, fmt.Sprintf("%d lines of test for %d lines of code, at least %.1f per line wanted", tests, code, minTestRatio))
	}
	return problems
}

// hasFunctions reports whether a file has code to run.
func hasFunctions(file *ast.File) bool {
	return slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Body != nil
	})
}

// checkLeftovers returns comments that put work off.
func checkLeftovers(sources []source) (problems []string) {
	marks := []string{"TO" + "DO", "FIX" + "ME"}
	for _, s := range sources {
		for _, group := range s.ast.Comments {
			for _, mark := range marks {
				if strings.Contains(group.Text(), mark) {
					problems = append(problems, fmt.Sprintf("%s: %s in a comment: do it, or write an issue", s.at(group.Pos()), mark))
				}
			}
		}
	}
	return problems
}

// forbiddenWords never stand in the repository: hosts of package registries
// and paths of one machine. They are written in two halves because this file
// is searched too.
var forbiddenWords = []string{
	"proxy.golang" + ".org", "sum.golang" + ".org", "registry.npmjs" + ".org", "deb.debian" + ".org", "pypi" + ".org",
	"/work" + "/", "/root" + "/",
}

// checkWords returns the lines of one text that hold a forbidden word.
func checkWords(name, text string) (problems []string) {
	for i, line := range strings.Split(text, "\n") {
		for _, word := range forbiddenWords {
			if strings.Contains(line, word) {
				problems = append(problems, fmt.Sprintf("%s:%d: %q: the repository names no registry and no path of one machine", name, i+1, word))
			}
		}
	}
	return problems
}

// searched reports whether people write a file: sums, pictures and the
// documentation pages' minified scripts are left out.
func searched(name string) bool {
	written := []string{".go", ".md", ".sh", ".mod", ".yml", ".yaml", ".sql", ".html", ".css", ".js", ".json", ".txt", ".txtar", ".conf", ".service", ""}
	return slices.Contains(written, path.Ext(name)) && !strings.Contains(name, ".min.") && !thirdParty(name)
}

// thirdParty reports whether a file is a copy of somebody else's work.
func thirdParty(name string) bool {
	return slices.ContainsFunc([]string{"swagger-ui", "redoc"}, func(part string) bool { return strings.Contains(name, part) })
}
