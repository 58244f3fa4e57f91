package api_test

import (
	"net/http"
	"strings"
	"testing"

	"roster/internal/store/storetest"
	"roster/internal/user"
)

func TestETag(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			checkETag(t, open(t))
		})
	}
}

func checkETag(t *testing.T, db user.Store) {
	t.Helper()
	f := newFixture(t, db, setup{})
	created := f.do(t, http.MethodPost, "/api/users/", `{"username":"ada","email":"ada@example.com"}`)
	tag := created.Header().Get("ETag")
	if !strings.HasPrefix(tag, `"1-`) || !strings.HasSuffix(tag, `"`) {
		t.Fatalf("got ETag %s, want a strong one", tag)
	}
	for name, c := range map[string]struct {
		header string
		want   int
	}{
		"the same":       {tag, http.StatusNotModified},
		"weak":           {"W/" + tag, http.StatusNotModified},
		"in a list":      {`"other", ` + tag, http.StatusNotModified},
		"any":            {"*", http.StatusNotModified},
		"another":        {`"1-0"`, http.StatusOK},
		"another user's": {strings.Replace(tag, "1-", "2-", 1), http.StatusOK},
		"empty":          {"", http.StatusOK},
		"compressed":     {strings.TrimSuffix(tag, `"`) + `-gzip"`, http.StatusNotModified},
		"unquoted":       {strings.Trim(tag, `"`), http.StatusNotModified},
	} {
		w := f.do(t, http.MethodGet, "/api/users/1/", "", "If-None-Match", c.header)
		if w.Code != c.want || w.Header().Get("ETag") != tag || w.Code == http.StatusNotModified && w.Body.Len() > 0 {
			t.Errorf("If-None-Match, %s: got %d, ETag %s, %q", name, w.Code, w.Header().Get("ETag"), w.Body)
		}
	}
}

// TestIfMatch_ChangedTags sends tags as servers in between and clients change
// them: they name the version all the same, and an older one is refused.
func TestIfMatch_ChangedTags(t *testing.T) {
	t.Parallel()
	f := newFixture(t, storetest.OpenSQLite(t), setup{})
	old := f.do(t, http.MethodPost, "/api/users/", `{"username":"ada","email":"ada@example.com"}`).Header().Get("ETag")
	f.do(t, http.MethodPatch, "/api/users/1/", `{"phone":"0"}`)
	for name, change := range map[string]func(tag string) string{
		"nginx":       func(tag string) string { return "W/" + tag },
		"mod_deflate": func(tag string) string { return strings.TrimSuffix(tag, `"`) + `-gzip"` },
		"mod_brotli":  func(tag string) string { return strings.TrimSuffix(tag, `"`) + `-br"` },
		"Jetty":       func(tag string) string { return "W/" + strings.TrimSuffix(tag, `"`) + `--gzip"` },
		"unquoted":    func(tag string) string { return strings.Trim(tag, `"`) },
		"both":        func(tag string) string { return "W/" + strings.Trim(tag, `"`) },
		"in a list":   func(tag string) string { return `"2-0-0", W/` + tag },
	} {
		tag := f.do(t, http.MethodGet, "/api/users/1/", "").Header().Get("ETag")
		if w := f.do(t, http.MethodPatch, "/api/users/1/", `{"phone":"1"}`, "If-Match", change(old)); w.Code != http.StatusPreconditionFailed {
			t.Errorf("%s, the old tag: got %d, want 412", name, w.Code)
		}
		if w := f.do(t, http.MethodPatch, "/api/users/1/", `{"phone":"2"}`, "If-Match", change(tag)); w.Code != http.StatusOK {
			t.Errorf("%s: got %d %s, want 200", name, w.Code, w.Body)
		}
		if w := f.do(t, http.MethodPatch, "/api/users/1/", `{"phone":"3"}`, "If-Match", change(tag)); w.Code != http.StatusPreconditionFailed {
			t.Errorf("%s, again: got %d, want 412", name, w.Code)
		}
	}
}

// TestETag_OtherForms shows that the tag is that of the plain JSON alone.
func TestETag_OtherForms(t *testing.T) {
	t.Parallel()
	f := newFixture(t, storetest.OpenSQLite(t), setup{})
	tag := f.do(t, http.MethodPost, "/api/users/", `{"username":"ada","email":"ada@example.com"}`).Header().Get("ETag")
	for _, accept := range []string{"text/html", "application/json; indent=4"} {
		w := f.do(t, http.MethodGet, "/api/users/1/", "", "Accept", accept, "If-None-Match", tag)
		if w.Code != http.StatusOK || w.Header().Get("ETag") != "" || w.Body.Len() == 0 {
			t.Errorf("%s: got %d, ETag %q and %d bytes, want all of it without a tag", accept, w.Code, w.Header().Get("ETag"), w.Body.Len())
		}
	}
}

// TestIfMatch_LostUpdate lets two change what both have read.
func TestIfMatch_LostUpdate(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			checkIfMatchLostUpdate(t, open(t))
		})
	}
}

func checkIfMatchLostUpdate(t *testing.T, db user.Store) {
	t.Helper()
	f := newFixture(t, db, setup{})
	read := f.do(t, http.MethodPost, "/api/users/", `{"username":"ada","email":"ada@example.com"}`).Header().Get("ETag")
	first := f.do(t, http.MethodPatch, "/api/users/1/", `{"first_name":"Ada"}`, "If-Match", read)
	if first.Code != http.StatusOK || first.Header().Get("ETag") == read {
		t.Fatalf("the first: got %d, ETag %s after %s", first.Code, first.Header().Get("ETag"), read)
	}
	for _, method := range []string{http.MethodPatch, http.MethodPut, http.MethodDelete} {
		body := `{"username":"eve","email":"eve@example.com"}`
		if method == http.MethodDelete {
			body = ""
		}
		for _, tag := range []string{read, "W/" + read, "nonsense", `"1-"`, ""} {
			w := f.do(t, method, "/api/users/1/", body, "If-Match", tag)
			if want := `{"detail":"The user was changed in the meantime."}`; w.Code != http.StatusPreconditionFailed || w.Body.String() != want {
				t.Errorf("%s, If-Match %s: got %d %s, want 412", method, tag, w.Code, w.Body)
			}
		}
	}
	if w := f.do(t, http.MethodDelete, "/api/users/2/", "", "If-Match", read); w.Code != http.StatusNotFound {
		t.Errorf("unknown user: got %d, want 404", w.Code)
	}
	if w := f.do(t, http.MethodPut, "/api/users/1/", `{"username":"ada","email":"ada@example.com"}`, "If-Match", "*"); w.Code != http.StatusOK {
		t.Errorf("any state: got %d %s, want 200", w.Code, w.Body)
	}
	now := f.do(t, http.MethodGet, "/api/users/1/", "").Header().Get("ETag")
	if w := f.do(t, http.MethodDelete, "/api/users/1/", "", "If-Match", read+", "+now); w.Code != http.StatusNoContent {
		t.Errorf("one of two states: got %d, want 204", w.Code)
	}
}
