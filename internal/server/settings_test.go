package server_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/auth"
)

// A superuser sees every setting with its default and its source, in each section
// first those that are set, and no secret. Every link leads to its documentation, and
// the search finds settings for superusers alone.
func TestSettings_Page(t *testing.T) {
	t.Parallel()
	const key = "a key of the settings page, long enough"
	s := newSiteOf(t, "SECRET_KEY="+key, "PAGE_SIZE=25", "METRICS_TOKEN=hidden-from-all-visitors-4711", "CELERY_BROKER_URL=embedded")
	yes := true
	s.change(t, auth.AccountChange{Permissions: &[]access.Permission{access.ViewUser}})
	token := s.logIn(t)
	get := func(path string) (int, string) {
		t.Helper()
		w := s.ask(s.csrf(t), cookie(token), http.MethodGet, path)
		return w.Code, w.Body.String()
	}
	if status, _ := get("/admin/settings/"); status != http.StatusForbidden {
		t.Errorf("a clerk: got %d, want 403", status)
	}
	if _, page := get("/admin/search/?q=PAGE_SIZE"); strings.Contains(page, "/admin/settings/") {
		t.Error("a clerk finds settings")
	}
	s.change(t, auth.AccountChange{IsSuperuser: &yes})
	token = s.logIn(t)
	_, page := get("/admin/settings/")
	for _, want := range []string{
		`data-label="Value"><code>25</code>`, `data-label="Default"><code>10</code>`, `<code>[secret]</code>`, ">environment<", ">environment, as CELERY_BROKER_URL<",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, key) || strings.Contains(page, "hidden-from-all") || strings.Contains(page, ">Others<") {
		t.Error("the page has a secret, or a setting without documentation")
	}
	if set, standard := strings.Index(page, `id="METRICS_TOKEN"`), strings.Index(page, `id="METRICS_ALLOW"`); set > standard {
		t.Error("METRICS_TOKEN is set, and comes after METRICS_ALLOW")
	}
	_, manual := get("/docs/settings/")
	links := regexp.MustCompile(`href="/docs/settings/#([^"]+)"`).FindAllStringSubmatch(page, -1)
	wrong := slices.DeleteFunc(links, func(link []string) bool { return strings.Contains(manual, `id="`+link[1]+`"`) })
	if len(links) < 50 || len(wrong) > 0 {
		t.Errorf("%d links, of which these lead to no heading: %v", len(links), wrong)
	}
	if _, page := get("/admin/search/?q=PAGE_SIZE"); !strings.Contains(page, `href="/admin/settings/#PAGE_SIZE"`) {
		t.Error("a superuser does not find PAGE_SIZE")
	}
}
