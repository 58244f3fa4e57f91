package admin

import (
	"net/http"
	"net/url"
	"slices"

	"roster/internal/auth"
	"roster/internal/httpkit"
	"roster/internal/lang"
)

// languageView is the data of the page to choose a language.
type languageView struct {
	Languages []*lang.Language
	Next      string
}

// showLanguages offers the languages.
func (a *Admin) showLanguages(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	v := languageView{Languages: httpkit.Languages(r), Next: returnOf(r)}
	return a.Pages.Render(w, r, http.StatusOK, "admin-language", v)
}

// setLanguage stores the language of the visitor's account and browser, and returns to the page
// on which the visitor was, as Django's view set_language.
func (a *Admin) setLanguage(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	all := httpkit.Languages(r)
	i := slices.IndexFunc(all, func(l *lang.Language) bool { return l.Code == r.PostFormValue("language") })
	if i < 0 {
		return redirect(w, returnOf(r))
	}
	if actor := in.Actor(); actor.ID() != 0 {
		if err := a.Accounts.SetLanguage(r.Context(), actor, all[i].Code); err != nil {
			return err
		}
	}
	httpkit.SetLanguage(w, r, all[i])
	return redirect(w, returnOf(r))
}

// returnOf returns the address of the page on which the visitor was, the start page
// by default.
func returnOf(r *http.Request) string {
	next := r.FormValue(nextField)
	if u, err := url.Parse(next); err != nil || !isOfSite(next) || u.Path == httpkit.LanguagesPath {
		return "/"
	}
	return next
}
