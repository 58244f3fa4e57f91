package admin

import (
	"errors"
	"html/template"
	"net/http"
	"slices"

	"roster/internal/auth"
	"roster/internal/httpkit/session"
)

const factorPath = "/admin/totp/"

// factorView is the data of the page.
type factorView struct {
	Active   bool         // the account has a second factor
	Required bool         // it must set one up before it may do anything else
	Key      []string     // a new key in groups for typing; nil outside of enrollment
	URL      template.URL // of the key, for apps
	QR       picture      // of the key, for cameras
	Recovery []string     // new codes, shown only once
	Failure  string
}

// showFactor shows the state of the second factor.
func (a *Admin) showFactor(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	return a.render(w, r, http.StatusOK, "admin-totp", factorView{Active: in.HasFactor, Required: in.MustEnrol})
}

// changeFactor enrols an app, activates it by its first code, or removes it.
func (a *Admin) changeFactor(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	switch r.PostFormValue("action") {
	case "enrol":
		return a.enrol(w, r, in)
	case "activate":
		return a.activate(w, r, in)
	case "remove":
		if err := a.Factors.Remove(r.Context(), in, session.OriginOf(r)); err != nil {
			return err
		}
	}
	return redirect(w, factorPath)
}

func (a *Admin) enrol(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	key, err := a.Factors.Enrol(r.Context(), in)
	if err != nil {
		return err
	}
	link := key.URL("Roster", in.Account.Username).Reveal()
	view := factorView{Required: in.MustEnrol, Key: groups(key.Reveal()), URL: template.URL(link), QR: drawQR(link)} //nolint:gosec // its scheme is otpauth, and it is escaped
	return a.render(w, r, http.StatusOK, "admin-totp", view)
}

// groups splits a key into groups of four characters.
func groups(key string) (pieces []string) {
	for piece := range slices.Chunk([]byte(key), 4) {
		pieces = append(pieces, string(piece))
	}
	return pieces
}

func (a *Admin) activate(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	codes, err := a.Factors.Activate(r.Context(), in, r.PostFormValue("code"), session.OriginOf(r))
	if errors.Is(err, auth.ErrBadCode) {
		// The app has the key already, so it is not shown again.
		return a.render(w, r, http.StatusOK, "admin-totp", factorView{Required: in.MustEnrol, Failure: messageOf(err)})
	}
	if err != nil {
		return err
	}
	view := factorView{Active: true}
	for _, code := range codes {
		view.Recovery = append(view.Recovery, code.Reveal())
	}
	return a.render(w, r, http.StatusOK, "admin-totp", view)
}
