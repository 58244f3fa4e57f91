package web_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/access"
	"roster/internal/httpkit"
	"roster/internal/web"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fingerprints change with every change of a style sheet; pages do not.
var fingerprints = regexp.MustCompile(`\.[0-9a-f]{8}\.(css|js|svg)`)

func TestShowWelcome(t *testing.T) {
	t.Parallel()
	assets, err := httpkit.NewAssets()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := httpkit.NewPages(assets, web.Templates())
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	if err := web.New(pages, "1.2.3+<dirty>").ShowWelcome(w, r, access.Actor{}); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusOK {
		t.Errorf("got status %d, want 200", w.Code)
	}
	got := fingerprints.ReplaceAll(w.Body.Bytes(), []byte(".FINGERPRINT.$1"))
	const golden = "testdata/welcome.html"
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), string(want)); diff != "" {
		t.Errorf("%s differs (-got +want):\n%s", golden, diff)
	}
}
