package server_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/lang/langtest"
	"roster/internal/server"
)

// localeDir writes the languages of langtest into a folder.
func localeDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, file := range langtest.Files(t) {
		if err := os.WriteFile(filepath.Join(dir, name), file.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// marked lists pages all of whose texts are in the catalogues.
var marked = []string{"/admin/login/", "/i18n/setlang/", "/", "/users/", "/nowhere/", "/unsubscribe/x/", "/admin/password_reset/", "/admin/password_reset/done/", "/admin/login/unlock/", "/admin/setup/", "/admin/reset/x/y/"}

// names are texts of pages that stay as they are: the name of the program, and of
// languages.
var names = []string{"Roster", "– Roster", ":"}

func TestLanguages_EveryTextIsInACatalogue(t *testing.T) {
	t.Parallel()
	s := newSiteOf(t, "LOCALE_DIR="+localeDir(t))
	for _, path := range marked {
		r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
		r.Header.Set("Accept-Language", langtest.Marked)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError || w.Header().Get("Content-Language") != langtest.Marked {
			t.Errorf("%s: got %d in %s", path, w.Code, w.Header().Get("Content-Language"))
		}
		for _, text := range langtest.Unmarked(w.Body.String(), names...) {
			t.Errorf("%s: %q is not a text of the catalogues", path, text)
		}
	}
}

// Settings that name no language, or a file that is broken, prevent the start.
func TestLanguages_Faults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "fr.po"), []byte("msgid \"\"\nmsgstr \"\"\n\nmsgid \"Log in with %s\"\nmsgstr \"Connexion\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for setting, want := range map[string]string{
		"LOCALE_DIR=" + dir:     `LOCALE_DIR: fr.po:4: the translation of "Log in with %s" has other placeholders: "Connexion"`,
		"LANGUAGE_CODE=pt-br":   `LANGUAGE_CODE: there is no language "pt-br"; there are en, de, es, zh-hans`,
		"LANGUAGE_CODE=english": `LANGUAGE_CODE: there is no language "english"`,
	} {
		_, err := server.Languages(server.Load(t, setting))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", setting, err, want)
		}
	}
}
