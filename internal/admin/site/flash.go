package site

import (
	"net/http"
	"time"

	"roster/internal/httpkit"
)

// flash is a message about what was done, shown on the next page.
type flash struct {
	Before, Name, After string // the sentence around the name of a record
	URL                 string // of the record, "" when it is gone
	Bad                 bool   // it was not done
	Until               int64  // seconds since 1970
}

const (
	flashCookie  = "roster_admin_message"
	flashPurpose = "message"
	flashLife    = time.Minute
)

// tell keeps a message for the next page. A message that cannot be kept is
// lost, and nothing with it.
func (s *Site) tell(w http.ResponseWriter, r *http.Request, f flash) {
	f.Until = s.Now().Add(flashLife).Unix()
	value, err := s.Signer.sign(flashPurpose, f)
	if err == nil {
		setFlash(w, r, value, int(flashLife.Seconds()))
	}
}

// told returns the message for this page, nil when there is none. The cookie
// goes with it.
func (s *Site) told(w http.ResponseWriter, r *http.Request) *flash {
	cookie, err := r.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	setFlash(w, r, "", -1)
	var f flash
	if !s.Signer.open(flashPurpose, cookie.Value, &f) || s.Now().Unix() > f.Until {
		return nil
	}
	return &f
}

func setFlash(w http.ResponseWriter, r *http.Request, value string, maxAge int) {
	//nolint:gosec // http has no secure cookies
	http.SetCookie(w, &http.Cookie{
		Name: flashCookie, Value: value, Path: "/admin/", MaxAge: maxAge,
		HttpOnly: true, Secure: httpkit.RequestOf(r).Scheme == "https", SameSite: http.SameSiteLaxMode,
	})
}
