package arch_test

import (
	"fmt"
	"strings"
)

// example is a small repository that breaks one rule.
type example struct {
	name  string
	check func([]source) []string
	files map[string]string
	want  string // part of the failure's text
}

// badExamples returns at least one example for every rule.
func badExamples() []example {
	return []example{
		{"a door imports the store", checkImports, file("internal/api/a.go", importing("roster/internal/store")), "api may not import store"},
		{"a sub-package of a door imports the store", checkImports, file("internal/api/decode/a.go", importing("roster/internal/store")), "api may not import store"},
		{"a door imports another", checkImports, file("internal/web/a.go", importing("roster/internal/api/decode")), "web may not import api"},
		{"a leaf imports the domain", checkImports, file("internal/health/a.go", importing("roster/internal/fault")), "it may import nothing of ours"},
		{"a package without a row", checkImports, file("internal/stuff/a.go", importing("fmt")), "package stuff has no row"},
		{"a forbidden import in a test", checkImports, file("internal/fault/a_test.go", importing("roster/internal/api")), "fault may not import api"},
		{"a test helper in the product", checkImports, file("internal/cli/a.go", importing("roster/internal/store/storetest")), "is for tests"},
		{"SQL in the domain", checkImports, file("internal/user/a.go", importing("database/sql/driver")), "domain package user imports"},
		{"HTTP in the domain", checkImports, file("internal/access/a.go", importing("net/http")), "domain package access imports"},
		{"a driver outside the store", checkImports, file("internal/cli/a.go", importing("modernc.org/sqlite")), "belongs to store"},
		{"a module for tests in the product", checkImports, file("internal/user/a.go", importing("github.com/google/go-cmp")), "belongs to test files"},
		{"an unknown module", checkImports, file("internal/user/a.go", importing("example.com/left-pad")), "is in no row of modules"},
		{"a module with a known beginning", checkImports, file("internal/store/a.go", importing("modernc.org/sqlite2")), "is in no row of modules"},

		{"a long file", checkSize, file("internal/user/a.go", "package user\n"+strings.Repeat("var _ = 1\n", maxFileLines)), "401 lines of code"},

		{"no package comment", checkDocumented, file("internal/user/a.go", "package user\n"), "no file has a package comment"},
		{"an undocumented function", checkDocumented, file("internal/user/a.go", "package user\nfunc New() {}\n"), "New has no comment"},
		{"an undocumented method", checkDocumented, file("internal/user/a.go", "package user\ntype (\n// U is.\nU struct{})\nfunc (u *U) Name() {}\n"), "Name has no comment"},
		{"an undocumented type of a group", checkDocumented, file("internal/user/a.go", "package user\n// Types.\ntype (\nA int\n)\n"), "A has no comment"},
		{"an undocumented constant", checkDocumented, file("internal/user/a.go", "package user\nconst Max = 1\n"), "Max has no comment"},
		{"an undocumented interface method", checkDocumented, file("internal/user/a.go", "package user\n// S is.\ntype S interface { Find() }\n"), "Find has no comment"},

		{"an init function", checkState, file("internal/user/a.go", "package user\nfunc init() {}\n"), "init function"},
		{"a variable without a value", checkState, file("internal/user/a.go", "package user\nvar count int\n"), "count has no value"},
		{"a counted variable", checkState, file("internal/user/a.go", "package user\nvar count = 0\nfunc f() { count++ }\n"), "count is changed"},
		{"a filled table", checkState, file("internal/user/a.go", "package user\nvar m = map[int]int{}\nfunc f() { m[1] = 2 }\n"), "m is changed"},

		{"a sleeping test", checkWaits, file("internal/user/a_test.go", "package user_test\nfunc f() { time.Sleep(1) }\n"), "may not sleep or skip"},
		{"a test that sleeps after its bubble", checkWaits, file("internal/user/a_test.go", "package user_test\nfunc f() { synctest.Test(t, func(t *testing.T) {}); time.Sleep(1) }\n"), "may not sleep or skip"},
		{"a skip within a bubble", checkWaits, file("internal/user/a_test.go", "package user_test\nfunc f() { synctest.Test(t, func(t *testing.T) { t.Skip() }) }\n"), "may not sleep or skip"},
		{"weak hashes", checkHashes, file("internal/user/a.go", "package user\nvar h = password.NewHasher(password.Weak)\n"), "password.Weak is for tests"},
		{"a skipped test", checkWaits, file("internal/user/a_test.go", "package user_test\nfunc f() { t.Skipf(\"\") }\n"), "may not sleep or skip"},

		{"code without tests", checkTestRatio, file("internal/user/a.go", "package user\nfunc f() {}\n"), "code without a test file"},
		{"few tests", checkTestRatio, map[string]string{"internal/user/a.go": "package user\nvar a = 1\n", "internal/user/a_test.go": "package user_test\n"}, "1 lines of test for 2"},

		{"work put off", checkLeftovers, file("internal/user/a.go", "package user\n// TO"+"DO: later\n"), "do it, or write an issue"},
	}
}

// file returns a repository of one file.
func file(name, text string) map[string]string {
	return map[string]string{name: text}
}

// importing returns a file that imports a path.
func importing(path string) string {
	return fmt.Sprintf("package a\n\nimport %q\n", path)
}
