package admin

import (
	"errors"
	"html/template"
	"net/http"
	"slices"

	"roster/internal/auth"
	"roster/internal/httpkit/session"
	"roster/internal/secret"
)

const factorPath = "/admin/totp/"

// factorView is the data of the page: one of enrolling an app, adding a passkey,
// new recovery codes, and the list of the factors.
type factorView struct {
	App      bool          // the account has an authenticator app
	Codes    string        // how many recovery codes are unused, a sentence
	Passkeys []passkeyView // of the account
	CanAdd   bool          // a passkey
	BadHost  bool          // passkeys cannot be used at this address
	Required bool          // it must set up a factor before it may do anything else
	Zone     string        // of the times

	Enrolling bool         // a code of the app is asked for
	Key       []string     // a new key in groups for typing; nil if it is not shown
	URL       template.URL // of the key, for apps
	QR        picture      // of the key, for cameras

	New      auth.PasskeyOffer // of a passkey to add
	Notice   string            // what was done, with Recovery
	Recovery []string          // new codes, shown only once
	Failure  string
}

// showFactor shows the second factors.
func (a *Admin) showFactor(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	if in.Session.NeedsCode {
		return redirect(w, withNext(codePath, factorPath))
	}
	return a.renderFactors(w, r, http.StatusOK, in, factorView{})
}

// changeFactor enrols an app, activates it by its first code, or removes it, adds,
// renames and removes passkeys, and renews recovery codes.
func (a *Admin) changeFactor(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	switch action := r.PostFormValue("action"); action {
	case "new-passkey":
		return a.newPasskey(w, r, in)
	case "add-passkey":
		return a.addPasskey(w, r, in)
	case "rename-passkey", "remove-passkey":
		return a.changePasskey(w, r, in, action)
	case "enrol":
		return a.enrol(w, r, in)
	case "activate":
		return a.activate(w, r, in)
	case "renew-codes":
		return a.renewCodes(w, r, in)
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
	view := factorView{Required: in.MustEnrol, Enrolling: true, Key: groups(key.Reveal()), URL: template.URL(link), QR: drawQR(link)} //nolint:gosec // its scheme is otpauth, and it is escaped
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
		return a.render(w, r, http.StatusOK, "admin-totp", factorView{Required: in.MustEnrol, Enrolling: true, Failure: messageOf(err)})
	}
	if err != nil {
		return err
	}
	if len(codes) == 0 {
		return redirect(w, factorPath)
	}
	return a.showCodes(w, r, "Logins now require a code from your app.", codes)
}

func (a *Admin) renewCodes(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	codes, err := a.Factors.RenewCodes(r.Context(), in, session.OriginOf(r))
	if err != nil {
		return a.refuseFactor(w, r, in, err)
	}
	return a.showCodes(w, r, "You have new recovery codes. The old ones no longer work.", codes)
}

// showCodes shows new recovery codes, this once.
func (a *Admin) showCodes(w http.ResponseWriter, r *http.Request, notice string, codes []secret.Text) error {
	view := factorView{Notice: notice}
	for _, code := range codes {
		view.Recovery = append(view.Recovery, code.Reveal())
	}
	return a.render(w, r, http.StatusOK, "admin-totp", view)
}
