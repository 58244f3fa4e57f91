package httpkit

import (
	"net/http"

	"roster/internal/access"
)

// Handler answers one request on behalf of actor. When it returns an error it
// has written nothing.
type Handler func(w http.ResponseWriter, r *http.Request, actor access.Actor) error

// Route is a line of a door's table: what may be done where, and by whom.
type Route struct {
	Method     string            // GET serves HEAD as well; "" serves every method that no other route of the path has
	Path       string            // a pattern of Router.Handle
	Permission access.Permission // that the actor must hold
	Handle     Handler
	MaxBody    int64     // bytes; 0: the limit of the door
	Doc        Operation // zero for routes outside the OpenAPI document
}

// Get returns the route that reads a path.
func Get(path string, permission access.Permission, h Handler) Route {
	return Route{Method: http.MethodGet, Path: path, Permission: permission, Handle: h}
}

// Post returns the route that submits a form to a path.
func Post(path string, permission access.Permission, h Handler) Route {
	return Route{Method: http.MethodPost, Path: path, Permission: permission, Handle: h}
}

// Operation is what the OpenAPI document says about a route beyond what the
// route itself says.
type Operation struct {
	ID          string   // operationId, unique in the document
	Tag         string   // the group that it is shown in
	Summary     string   // one line without a full stop
	Description string   // CommonMark
	Query       []string // components/parameters beside format
	Input       string   // the components/schemas of the body; "" when it has none
	Status      int      // of success
	Result      string   // what success means, a sentence
	Output      string   // the components/schemas of success; "" for an empty body
	Open        bool     // credentials are ignored
	Tagged      bool     // answers have an ETag, and changes may name it
	Failures    []string // components/responses beyond those that follow from the route
	Unavailable string   // of a health check: what 503 means; "" when there is none
}
