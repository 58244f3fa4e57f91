package site

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"roster/internal/access"
	"roster/internal/httpkit"
)

// Download is a JSON file about a record.
type Download struct {
	Name  string // in its URL, and of the file, with the id of the record
	Label string `text:""`
	Needs access.Permission
	Write func(ctx context.Context, actor access.Actor, id int64, w io.Writer) error
}

// downloads returns links to the downloads of a record that the actor may open.
func (rs *Resource) downloads(actor access.Actor, id int64) (links []filterLink) {
	for _, d := range rs.Downloads {
		if actor.Can(d.Needs) {
			links = append(links, filterLink{Label: d.Label, URL: rs.recordPath(id, d.Name)})
		}
	}
	return links
}

// download answers GET for a file. A failure after its beginning was sent aborts the
// connection.
func (s *Site) download(res *Resource, d Download) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
		record, err := s.find(res, r, actor)
		if err != nil {
			return err
		}
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%d-%s.json"`, res.Model.Name, record.ID, d.Name))
		h.Set("Cache-Control", "no-store")
		sent := &noting{to: w}
		err = d.Write(r.Context(), actor, record.ID, sent)
		if err != nil && sent.begun {
			s.Door.Log.ErrorContext(r.Context(), "download cut off", "cause", err)
			panic(http.ErrAbortHandler) // a partial file must not look complete
		}
		if err != nil {
			h.Del("Content-Type")
			h.Del("Content-Disposition")
		}
		return err
	}
}
