package api

import (
	"net/http"

	"roster/internal/access"
	"roster/internal/api/drf"
	"roster/internal/fault"
	"roster/internal/httpkit"
)

// rowHandler answers a request for the row that the path names. When it returns
// an error it has written nothing.
type rowHandler func(w http.ResponseWriter, r *http.Request, actor access.Actor, id int64) error

// row returns the handler of a path with an id.
func row(h rowHandler) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
		id, err := rowID(r)
		if err != nil {
			return err
		}
		return h(w, r, actor, id)
	}
}

// rowID returns the id in the path, read as Python's int() does. Text that is no
// integer, or none that a row can have, is NotFound.
func rowID(r *http.Request) (int64, error) {
	id, ok, _ := drf.ParseInt(httpkit.PathValue(r, "id"))
	if !ok {
		return 0, fault.New(fault.NotFound, "Not found.")
	}
	return id, nil
}
