package httpkit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
)

// RenderTagged is Render with status 200 for a page that changes only with the
// program. The answer has an ETag, and is 304 for a client that has the page
// (RFC 9110, 13.1.2). A page with a form is answered as by Render, because the token
// of the form must be current.
func (p *Pages) RenderTagged(w http.ResponseWriter, r *http.Request, name string, data any) error {
	page, err := p.execute(r, name, data)
	if err != nil {
		return err
	}
	if bytes.Contains(page, []byte(p.tokenMark)) {
		p.respond(w, r, http.StatusOK, page)
		return nil
	}
	page = Prefixed(r, page)
	digest := sha256.Sum256(page)
	tag := `"` + hex.EncodeToString(digest[:16]) + `"`
	h := w.Header()
	h.Set("Etag", "W/"+tag)
	h.Set("Cache-Control", "private, no-cache")
	vary(h)
	if matchesETag(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	write(w, r, http.StatusOK, page)
	return nil
}
