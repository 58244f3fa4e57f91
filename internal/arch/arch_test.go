// Package arch_test holds the repository to docs/architecture.md: who imports
// whom, how large files and packages get, what is documented and tested.
package arch_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// checks are the rules about Go files, by the name of their test.
var checks = []struct {
	name  string
	check func([]source) []string
}{
	{"Imports", checkImports},
	{"FanIn", checkFanIn},
	{"Size", checkSize},
	{"Documented", checkDocumented},
	{"State", checkState},
	{"Waits", checkWaits},
	{"Hashes", checkHashes},
	{"TestRatio", checkTestRatio},
	{"Leftovers", checkLeftovers},
}

func TestRepository(t *testing.T) {
	t.Parallel()
	sources := loadRepository(t)
	if len(sources) == 0 {
		t.Fatal("no Go files found")
	}
	for _, rule := range checks {
		t.Run(rule.name, func(t *testing.T) {
			t.Parallel()
			report(t, rule.check(sources))
		})
	}
}

func TestRepository_Words(t *testing.T) {
	t.Parallel()
	fsys := os.DirFS(repositoryRoot(t))
	walk(t, fsys, func(name string) {
		if searched(name) {
			report(t, checkWords(name, readText(t, fsys, name)))
		}
	})
}

// TestRows_Cyclic keeps the table itself free of cycles, which Go would refuse only once both packages exist.
func TestRows_Cyclic(t *testing.T) {
	t.Parallel()
	for from, allowed := range rows {
		for _, to := range allowed {
			if _, ok := rows[to]; !ok {
				t.Errorf("row %s allows %s, which has no row", from, to)
			}
			if from != to && slices.Contains(rows[to], from) {
				t.Errorf("rows %s and %s allow each other", from, to)
			}
		}
	}
}

// TestTables_Used keeps names out of the tables that the code does not have:
// packages that do not exist, modules that a package does not import.
func TestTables_Used(t *testing.T) {
	t.Parallel()
	used := usedNames(loadRepository(t))
	for name := range rows {
		if !used[name] {
			t.Errorf("rows: there is no package %s", name)
		}
	}
	for prefix, users := range modules {
		for _, user := range users {
			if !used[prefix+" in "+user] {
				t.Errorf("modules: %s is not imported by %s", prefix, user)
			}
		}
	}
}

// usedNames returns the rows that have files, and the modules with the rows
// that import them: "MODULE in ROW".
func usedNames(sources []source) map[string]bool {
	used := map[string]bool{}
	for _, s := range sources {
		used[row(s.dir)] = true
		for _, spec := range s.ast.Imports {
			for prefix, users := range modules {
				if !under(strings.Trim(spec.Path.Value, `"`))(prefix) {
					continue
				}
				user := row(s.dir)
				if s.test && !slices.Contains(users, user) {
					user = onlyTests
				}
				used[prefix+" in "+user] = true
			}
		}
	}
	return used
}

// report fails the test with each problem on a line of its own, in order.
func report(t *testing.T, problems []string) {
	t.Helper()
	slices.Sort(problems)
	for _, problem := range problems {
		t.Error(problem)
	}
}

// TestChecks_BadExamples shows that each rule refuses what it is there to refuse.
func TestChecks_BadExamples(t *testing.T) {
	t.Parallel()
	for _, example := range badExamples() {
		t.Run(example.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(example.check(load(t, tree(example.files))), "\n")
			if !strings.Contains(got, example.want) {
				t.Errorf("got %q, want something with %q", got, example.want)
			}
		})
	}
}

func TestChecks_GoodExample(t *testing.T) {
	t.Parallel()
	sources := load(t, tree(map[string]string{
		"internal/user/user.go": `// Package user is about users.
package user

import (
	_ "embed"
	"strings"

	"roster/internal/fault"
)

var limits = map[string]int{"username": 100}

//go:embed names.txt
var names string

// Check checks.
func Check(name string) error {
	limits := 3
	limits++
	return fault.New(len(strings.TrimSpace(name)) + limits)
}
`,
		"internal/user/user_test.go": `package user_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { time.Sleep(time.Hour) })
	storetest.Run(t, store.Open())
	if diff := cmp.Diff(1, 2); diff != "" {
		t.Error(diff)
	}
}
`,
	}))
	for _, rule := range checks {
		if got := rule.check(sources); len(got) > 0 {
			t.Errorf("%s: got %q, want nothing", rule.name, got)
		}
	}
}

func TestCheckWords_BadExamples(t *testing.T) {
	t.Parallel()
	for _, word := range forbiddenWords {
		if got := checkWords("a.md", "fine\nsee "+word+"x\n"); len(got) != 1 || !strings.HasPrefix(got[0], "a.md:2: ") {
			t.Errorf("%q: got %q, want one problem at a.md:2", word, got)
		}
	}
	if got := checkWords("a.md", "a network/host and a framework/path\n"); len(got) > 0 {
		t.Errorf("got %q, want nothing", got)
	}
}

// tree returns a file system with those files.
func tree(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}
