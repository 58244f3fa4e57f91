package httpkit

import (
	"html/template"
	"net/http"
	"strings"
	"time"

	"roster/internal/lang"
)

// languageCookie holds the code of the language that a visitor has chosen; its name
// is Django's.
const (
	languageCookie = "django_language"
	languageMaxAge = 365 * 24 * time.Hour
)

// language returns the language of the pages for the sender of the request: that
// of the account, of the cookie, of Accept-Language, or the default. It does not
// change during the request.
func (c *requestContext) language() *lang.Language {
	c.choose.Do(func() { c.chosen = c.languages.of(c.headers, c.visitor) })
	return c.chosen
}

// languages finds the language of a request; nil: English.
type languages struct{ *lang.Catalog }

func (l languages) of(headers http.Header, visitor func() Visitor) *lang.Language {
	if l.Catalog == nil {
		return lang.English
	}
	if visitor != nil {
		if code := visitor().Language; code != "" {
			if chosen := l.Find(code); chosen != nil {
				return chosen
			}
		}
	}
	if c, err := (&http.Request{Header: headers}).Cookie(languageCookie); err == nil {
		if chosen := l.Find(c.Value); chosen != nil {
			return chosen
		}
	}
	if accepted := l.Accept(headers.Get("Accept-Language")); accepted != nil {
		return accepted
	}
	return l.Default()
}

// LanguagesPath is the page that changes the language, with the fields language and
// next of Django's view set_language.
const LanguagesPath = "/i18n/setlang/"

// Languages returns the languages that the visitor can choose from; none without a
// catalogue.
func Languages(r *http.Request) []*lang.Language {
	ctx, ok := contextOf(r.Context())
	if !ok || ctx.languages.Catalog == nil {
		return nil
	}
	return ctx.languages.All()
}

// pageOf returns the address of the page of a request, "" if it cannot be opened by
// a link. The page of the languages stands for the one it leads back to, so that
// links to it do not grow.
func pageOf(r *http.Request) string {
	switch {
	case !isSafe(r.Method):
		return ""
	case strings.HasSuffix(r.URL.Path, LanguagesPath):
		return r.URL.Query().Get("next")
	}
	return r.URL.RequestURI()
}

// SetLanguage sets the cookie with the visitor's choice.
func SetLanguage(w http.ResponseWriter, r *http.Request, l *lang.Language) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // http has no secure cookies
		Name: languageCookie, Value: l.Code, Path: "/", MaxAge: int(languageMaxAge / time.Second),
		HttpOnly: true, Secure: RequestOf(r).Scheme == "https", SameSite: http.SameSiteLaxMode,
	})
}

// texts returns the functions of templates that depend on the language.
func texts(l *lang.Language) template.FuncMap {
	return template.FuncMap{
		"t":      l.T,
		"markup": l.HTML,
		"n":      l.N,
		"say":    l.Message,
		"number": l.Number,
		"lang":   func() *lang.Language { return l },
		// english marks an element whose texts are English in every language.
		"english": func() template.HTMLAttr {
			if l.Tag == lang.English.Tag {
				return ""
			}
			return ` lang="en" dir="ltr"`
		},
	}
}
