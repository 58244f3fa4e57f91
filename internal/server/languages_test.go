package server_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roster/internal/lang"
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

// The choice of an account is stored, and comes before the cookie of a browser, which
// comes before what the browser asks for.
func TestLanguages_Choice(t *testing.T) {
	t.Parallel()
	s := newSiteOf(t, "LANGUAGE_CODE=es")
	csrf, own := s.csrf(t), cookie(s.logIn(t))
	language := func(with credential, headers ...string) string {
		r := httptest.NewRequest(http.MethodGet, "/i18n/setlang/", http.NoBody)
		with(r)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Add(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if vary := strings.Join(w.Header().Values("Vary"), ", "); !strings.Contains(vary, "Accept-Language, Cookie") {
			t.Errorf("got Vary %q", vary)
		}
		if tag := w.Header().Get("Content-Language"); !strings.Contains(w.Body.String(), `<html lang="`+tag+`" dir="ltr"`) {
			t.Errorf("Content-Language is %s, but not the attribute", tag)
		}
		return w.Header().Get("Content-Language")
	}
	choose := func(with credential, code, next string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/i18n/setlang/", strings.NewReader("language="+code+"&next="+next))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		with(r)
		r.AddCookie(csrf)
		r.Header.Set("X-CSRFToken", csrf.Value)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	german := []string{"Accept-Language", "fr, de;q=0.5"}
	chinese := append(german, "Cookie", "django_language=zh-hans")
	for _, tt := range []struct{ got, want string }{
		{language(none), "es"}, {language(none, german...), "de"}, {language(none, chinese...), "zh-Hans"}, {language(own, chinese...), "zh-Hans"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %s, want %s", tt.got, tt.want)
		}
	}
	w := choose(own, "en", "/users/%3Fpage%3D2")
	if w.Code != http.StatusFound || w.Header().Get("Location") != "/users/?page=2" || !strings.Contains(w.Header().Get("Set-Cookie"), "django_language=en; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax") {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
	if got := language(own, chinese...); got != "en" {
		t.Errorf("the account has chosen English; got %s", got)
	}
	if w := choose(none, "de", "//evil.example/"); w.Header().Get("Location") != "/" {
		t.Errorf("got %d %v %s", w.Code, w.Header(), w.Body)
	}
	if got := choose(own, "fr", "").Header().Get("Set-Cookie"); strings.Contains(got, "django_language") || language(own) != "en" {
		t.Errorf("an unknown language was stored: %s", got)
	}
}

// The labels of lists, forms and actions are in every catalogue.
func TestLanguages_Labels(t *testing.T) {
	t.Parallel()
	catalog, err := lang.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"backup", "noop"} // of kinds, as the API has them
	for _, text := range newSiteOf(t).Texts {
		if strings.Contains(text, "_") && !strings.Contains(text, " ") || slices.Contains(names, text) || strings.Contains(text, "zone Local") ||
			strings.HasPrefix(text, "Your password can’t be too similar to your other personal information. Your") {
			continue // names of kinds, and sentences with values
		}
		if de := catalog.Find("de"); !de.Has(text) && de.Message(text) == text { // the others have the same texts
			t.Errorf("%q is in no catalogue", text)
		}
	}
}

// The API answers in English, byte for byte, whatever the client prefers.
func TestLanguages_API(t *testing.T) {
	t.Parallel()
	s := newSiteOf(t, "API_PERMISSION=AllowAny", "LANGUAGE_CODE=de")
	ask := func(language, body string) string {
		r := httptest.NewRequest(http.MethodPost, "/api/users/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json")
		r.Header.Set("Accept-Language", language)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Body.String()
	}
	for _, body := range []string{"{}", `{"username":"", "email":"x"}`, "[", `{"username":"` + strings.Repeat("a", 200) + `"}`} {
		if de, en := ask("de", body), ask("en", body); de != en || en == "" {
			t.Errorf("%s: got %s in German and %s in English", body, de, en)
		}
	}
}

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
