package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"roster/internal/api/drf"
)

// capture buffers a response to render it in another representation. It shares the
// headers of the real response.
type capture struct {
	http.ResponseWriter

	status int
	body   bytes.Buffer
}

func (c *capture) WriteHeader(status int)      { c.status = status }
func (c *capture) Write(p []byte) (int, error) { return c.body.Write(p) }

// isJSON reports whether the response is JSON or empty, and so can be rendered.
func (c *capture) isJSON() bool {
	contentType := c.Header()["Content-Type"]
	return contentType == nil || contentType[0] == contentJSON[0]
}

// pass writes the response unchanged.
func (c *capture) pass() error {
	c.ResponseWriter.WriteHeader(c.status)
	_, _ = c.body.WriteTo(c.ResponseWriter) // an error means that the client has gone away
	return nil
}

// render answers with indented JSON or with the browsable page. Both have no entity
// tag, because it belongs to the plain JSON.
func (v *view) render(w http.ResponseWriter, r *http.Request, rendering drf.Rendering) error {
	w = untagged{w}
	r.Header.Del("If-None-Match")
	if rendering.HTML {
		return v.browse(w, r)
	}
	c := &capture{ResponseWriter: w}
	v.endpoint.ServeHTTP(c, r)
	if !c.isJSON() || c.body.Len() == 0 {
		return c.pass()
	}
	return respond(w, c.status, indent(c.body.Bytes(), rendering.Indent))
}

// indent indents JSON by that many spaces per level.
func indent(body []byte, spaces int) []byte {
	var laidOut bytes.Buffer
	if err := json.Indent(&laidOut, body, "", strings.Repeat(" ", spaces)); err != nil {
		return body
	}
	return laidOut.Bytes()
}

// untagged is a response without entity tag.
type untagged struct{ http.ResponseWriter }

func (u untagged) WriteHeader(status int) {
	u.Header().Del("Etag")
	u.ResponseWriter.WriteHeader(status)
}
