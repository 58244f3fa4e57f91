package site

import (
	"net/http"
	"strings"
	"time"

	"roster/internal/httpkit"
)

// flash is a message that the next page shows.
type flash struct {
	Before, Name, After string    // the sentence around the name of a record
	URL                 string    // of the record, "" when it is gone
	Bad                 bool      // it is about a failure
	Until               int64     // seconds since 1970
	Undo                *undoView `json:",omitempty"`
	Field               string    // of the record, whose present value follows; "" for none

	Now *cell `json:"-"` // the value of Field, on the page of the record
}

const (
	flashCookie  = "roster_admin_message"
	flashPurpose = "message"
	flashLife    = time.Minute
	maxFlash     = 3500 // bytes; browsers drop cookies of more than 4096
)

// notify stores a message for the next page in a cookie.
func (s *Site) notify(w http.ResponseWriter, r *http.Request, f flash) {
	f.Until = s.Now().Add(flashLife).Unix()
	value, err := s.Signer.sign(flashPurpose, f)
	if len(value) > maxFlash {
		f.Undo = nil
		value, err = s.Signer.sign(flashPurpose, f)
	}
	if err == nil {
		setFlash(w, r, value, int(flashLife.Seconds()))
	}
}

// notice returns the message for this page and deletes its cookie; nil for none.
func (s *Site) notice(w http.ResponseWriter, r *http.Request) *flash {
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

// nameMark stands for the name of a record in a message.
const nameMark = "\x00"

// about returns a message with the name of a record in place of the mark.
func (s *Site) about(text, name string) flash {
	before, after, _ := strings.Cut(text, nameMark)
	return flash{Before: before, Name: name, After: after}
}
