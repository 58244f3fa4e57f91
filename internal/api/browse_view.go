package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
)

// maxShown is the number of bytes that a page shows of a response or a request. The
// HTML can be many times as long, and is held in memory.
const maxShown = 256 << 10

// browse answers with an HTML page: the JSON response, and forms for further
// requests. It keeps the body, so that an invalid form is shown with its values.
func (v *view) browse(w http.ResponseWriter, r *http.Request) error {
	sent := &sentBody{ReadCloser: r.Body}
	r.Body = sent
	c := &capture{ResponseWriter: w}
	v.endpoint.ServeHTTP(c, r)
	if !c.isJSON() {
		return c.pass()
	}
	page := v.newPage(r, c)
	actor := v.api.Actor(r)
	if c.body.Len() <= maxShown {
		page.Form = v.form(r, actor, sent.kept, c)
	}
	page.CanDelete = c.status == http.StatusOK && v.can(actor, http.MethodDelete)
	return renderBrowsable(w, r, v.api.Pages, page)
}

// sentBody is a body that keeps its content, unless that is too long to be shown.
type sentBody struct {
	io.ReadCloser

	kept []byte
	long bool
}

func (b *sentBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.long = b.long || len(b.kept)+n > maxShown; b.long {
		b.kept = nil
		return n, err
	}
	b.kept = append(b.kept, p[:n]...)
	return n, err
}

// newPage returns the page of a response. A 204 is shown as 200, because a page has
// content.
func (v *view) newPage(r *http.Request, c *capture) browsePage {
	page := browsePage{
		Title:       v.name,
		Description: v.description,
		Breadcrumbs: v.breadcrumbs(r),
		Status:      c.status,
		Headers: []browseHeader{
			{"Allow", v.allow[0]},
			{"Content-Type", contentJSON[0]},
			{"Vary", "Accept"},
		},
		Formats: []browseLink{{"json", withFormat(r, "json")}, {"api", withFormat(r, "api")}},
	}
	if v.subject != nil {
		page.Noun, page.Rows = v.subject.noun, v.subject.rows
	}
	if c.status == http.StatusNoContent {
		page.Status = http.StatusOK
		return page
	}
	page.Body = shown(c.body.Bytes())
	var links struct{ Next, Previous string }
	if json.Unmarshal(c.body.Bytes(), &links) == nil {
		page.Next, page.Previous = links.Next, links.Previous
	}
	return page
}

// shown returns the response indented, or the beginning of a long one.
func shown(body []byte) []byte {
	if len(body) <= maxShown {
		return indent(body, 4)
	}
	return fmt.Appendf(bytes.ToValidUTF8(body[:maxShown], nil), "\n… and %d more bytes; ask for the format json", len(body)-maxShown)
}

// breadcrumbs returns the resources above this one in the path, and this one.
func (v *view) breadcrumbs(r *http.Request) []browseLink {
	var crumbs []browseLink
	for _, res := range resources() {
		if res.path != v.path && strings.HasPrefix(v.path, res.path) {
			crumbs = append(crumbs, browseLink{res.name, res.path})
		}
	}
	return append(crumbs, browseLink{v.name, r.URL.EscapedPath()})
}

func withFormat(r *http.Request, format string) string {
	query := r.URL.Query()
	query.Set("format", format)
	return (&url.URL{Path: r.URL.Path, RawQuery: query.Encode()}).String()
}

// form returns the form that the actor can submit to this path, nil for none.
func (v *view) form(r *http.Request, actor access.Actor, body []byte, c *capture) *browseForm {
	var faults fault.Fields
	if shownMethod(r) != http.MethodGet { // whose errors concern the query
		faults = readFaults(c)
	}
	if v.subject == nil {
		return nil
	}
	if v.can(actor, http.MethodPost) {
		return newCreateForm(v.subject, v.sent(r, body, form.Create, faults), faults)
	}
	if !v.can(actor, http.MethodPut) {
		return nil
	}
	stored, err := v.subject.stored(v.api, r, actor)
	if err != nil {
		return nil
	}
	return newChangeForm(v.subject, stored, v.sent(r, body, form.Partial, faults), faults)
}

// sent returns the input of a refused form, nil otherwise.
func (v *view) sent(r *http.Request, body []byte, mode form.Mode, faults fault.Fields) form.Input {
	if len(faults) == 0 {
		return nil
	}
	in, err := v.subject.read(r.Header.Get("Content-Type"), string(body), mode)
	if err != nil {
		return nil
	}
	return in
}

// readFaults parses the faults of fields in a 400 response.
func readFaults(c *capture) fault.Fields {
	if c.status != http.StatusBadRequest {
		return nil
	}
	var byName map[string][]string
	if json.Unmarshal(c.body.Bytes(), &byName) != nil {
		return nil // {"detail": …}
	}
	var faults fault.Fields
	for name, messages := range byName {
		faults.Add(name, messages...)
	}
	return faults
}
