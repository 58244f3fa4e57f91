package api

import (
	"net/http"

	"roster/internal/access"
)

// handler answers one request on behalf of actor. What it returns is answered
// by the door's one error renderer; when it returns an error it has written nothing.
type handler func(w http.ResponseWriter, r *http.Request, actor access.Actor) error

// route is one line of the table: what may be done where, by whom, and how it
// is documented.
type route struct {
	method     string
	path       string // "{id}" stands for one segment
	permission access.Permission
	handle     handler
	doc        operation
}
