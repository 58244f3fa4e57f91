package server_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/form"
	"roster/internal/server"
	"roster/internal/user"
)

var unsubscribeLink = regexp.MustCompile(`(?m)^List-Unsubscribe: ?\r?\n? ?<([^>]*)>`)

// mailTo sends a user a message of a mailing and returns its text.
func mailTo(t *testing.T, u user.User, settings ...string) string {
	t.Helper()
	folder := t.TempDir()
	mails := server.JobMail(t, append(settings, "EMAIL_BACKEND=file", "EMAIL_FILE_PATH="+folder)...)
	if err := mails.SendNotification(t.Context(), "task-1-2-3", u, "News", "All is well."); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.eml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("got %v, %v, want one message", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A mailing has a link with which its recipient unsubscribes: by one click of the
// mail program (RFC 8058), or on the page that opening the link shows. Opening
// alone changes nothing, and no link does it for another user.
func TestUnsubscribe(t *testing.T) {
	t.Parallel()
	settings := []string{"SECRET_KEY=fpx3vnd9qK2mW7cYh5tR8bLzEu4sAj6g1o", "SITE_URL=https://users.example.com/roster/", "DB_NAME=" + t.TempDir() + "/db.sqlite3", "LOG_DIR="}
	served := server.Serve(t, "127.0.0.1:0", settings...)
	users := user.NewUsers(served.Store, time.Now, slog.New(slog.DiscardHandler))
	u, err := users.Create(t.Context(), access.System("test"), form.Input{
		"username": {Kind: form.String, Text: "ada"}, "email": {Kind: form.String, Text: "ada@example.com"},
	})
	if err != nil {
		t.Fatal(err)
	}
	text := mailTo(t, u, settings...)
	link := unsubscribeLink.FindStringSubmatch(text)
	if link == nil || !strings.Contains(text, "List-Unsubscribe-Post: List-Unsubscribe=One-Click") || strings.Count(text, "unsubscribe/") < 2 {
		t.Fatalf("got %s, want both headers, and the link in the text and in HTML", text)
	}
	path, found := strings.CutPrefix(link[1], "https://users.example.com/roster")
	if !found || !strings.HasPrefix(path, "/unsubscribe/") {
		t.Fatalf("got %s", link[1])
	}
	ask := func(method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1"+path, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		w := httptest.NewRecorder()
		served.ServeHTTP(w, r)
		return w
	}
	wantUnsubscribed := func(want bool) {
		t.Helper()
		if is, err := served.Store.IsUnsubscribed(t.Context(), u.ID); err != nil || is != want {
			t.Errorf("got %v, %v, want %v", is, err, want)
		}
	}
	if w := ask(http.MethodGet, path, ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "ada@example.com") {
		t.Errorf("got %d, %s", w.Code, w.Body)
	}
	wantUnsubscribed(false)
	for range 2 {
		if w := ask(http.MethodPost, path, "List-Unsubscribe=One-Click"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "is unsubscribed") {
			t.Errorf("got %d, %s", w.Code, w.Body)
		}
		wantUnsubscribed(true)
	}
	if w := ask(http.MethodPost, path, url.Values{"subscribe": {"1"}}.Encode()); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "subscribed again") {
		t.Errorf("got %d, %s", w.Code, w.Body)
	}
	wantUnsubscribed(false)
	if w := ask(http.MethodPost, strings.Replace(path, "/1-", "/2-", 1), "List-Unsubscribe=One-Click"); w.Code != http.StatusNotFound {
		t.Errorf("another user: got %d", w.Code)
	}
	if w := ask(http.MethodPost, "/unsubscribe/x/", ""); w.Code != http.StatusNotFound {
		t.Errorf("no token: got %d", w.Code)
	}
}

// Links have the address of the site; without one, a mailing has no link.
func TestUnsubscribe_Address(t *testing.T) {
	t.Parallel()
	u := user.User{ID: 7, Username: "ada", Email: "ada@example.com"}
	const key = "SECRET_KEY=fpx3vnd9qK2mW7cYh5tR8bLzEu4sAj6g1o"
	for settings, want := range map[string]string{
		"SITE_URL=https://users.example.com":                 "https://users.example.com/unsubscribe/7-",
		"SITE_URL=http://127.0.0.1:8000":                     "http://127.0.0.1:8000/unsubscribe/7-",
		"ALLOWED_HOSTS=.example.com,users.example.com,other": "https://users.example.com/unsubscribe/7-",
		"ALLOWED_HOSTS=*,localhost,127.0.0.1":                "",
		"DEBUG=false":                                        "",
	} {
		text := mailTo(t, u, key, settings)
		link := unsubscribeLink.FindStringSubmatch(text)
		if (link == nil) != (want == "") || link != nil && !strings.HasPrefix(link[1], want) {
			t.Errorf("%s: got %q, want %q", settings, link, want)
		}
		if oneClick := strings.Contains(text, "List-Unsubscribe-Post"); oneClick != strings.HasPrefix(want, "https:") {
			t.Errorf("%s: one click: %v", settings, oneClick)
		}
	}
}
