package arch_test

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// plainer maps words that do not belong in the project's texts to what to write
// instead. Each is written in two halves because this file is searched too.
var plainer = map[string]string{
	"nobo" + "dy":   "no one",
	"te" + "ll":     "report, show or describe",
	"te" + "lls":    "reports, shows or describes",
	"to" + "ld":     "reported, notified or shown",
	"ta" + "lly":    "count or counts",
	"tal" + "lies":  "counts",
	"who" + "ever":  "anyone who, or the noun",
	"who" + "mever": "anyone whom, or the noun",
	"an" + "ew":     "again",
}

// namePart matches the words of a text, and the parts of a name: in
// TestList_NewestFirst they are Test, List, Newest and First.
var namePart = regexp.MustCompile(`[A-Z]?[a-z]+|[A-Z]+`)

// checkEnglish returns a problem for each line of a text with a word for which
// there is a plainer one.
func checkEnglish(name, text string) (problems []string) {
	for i, line := range strings.Split(text, "\n") {
		for _, word := range namePart.FindAllString(line, -1) {
			if better, found := plainer[strings.ToLower(word)]; found {
				problems = append(problems, fmt.Sprintf("%s:%d: %q: write %s", name, i+1, word, better))
			}
		}
	}
	return problems
}

// isProse reports whether a file has texts for people, in code or beside it.
func isProse(name string) bool {
	return searched(name) && slices.Contains([]string{".go", ".md", ".html", ".css", ".js", ".sh", ".txtar"}, path.Ext(name))
}

func TestRepository_English(t *testing.T) {
	t.Parallel()
	fsys := os.DirFS(repositoryRoot(t))
	walk(t, fsys, func(name string) {
		if isProse(name) {
			report(t, checkEnglish(name, readText(t, fsys, name)))
		}
	})
}

// TestCheckEnglish plants each word in a sentence, in the name of a function and
// in capitals.
func TestCheckEnglish(t *testing.T) {
	t.Parallel()
	for word := range plainer {
		title := strings.ToUpper(word[:1]) + word[1:]
		for _, line := range []string{"// It works for " + word + ".", "func TestList_" + title + "Once() {}", "var n" + title + " int", strings.ToUpper(word) + "!"} {
			if got := checkEnglish("a.go", "fine\n"+line+"\n"); len(got) != 1 || !strings.HasPrefix(got[0], "a.go:2: ") {
				t.Errorf("%q: got %q, want one problem at a.go:2", line, got)
			}
		}
	}
	if got := checkEnglish("a.go", "// An intelligent storyteller from Newell installs a stool.\n"); len(got) > 0 {
		t.Errorf("got %q, want nothing", got)
	}
}
