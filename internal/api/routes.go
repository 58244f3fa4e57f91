package api

import (
	"github.com/getkin/kin-openapi/openapi3"

	"roster/internal/access"
	"roster/internal/httpkit"
)

type handler = httpkit.Handler

// route is one line of the table: what may be done where, by whom, and how it
// is documented.
type route struct {
	method     string
	path       string // "{id}" stands for one segment
	permission access.Permission
	handle     httpkit.Handler
	doc        operation
}

// routes is the table of the REST API. HEAD follows GET; OPTIONS, the answer
// to other methods and the format suffixes are the same for all of them.
func (a *API) routes() []route {
	return []route{
		{"GET", "/api/", access.Public, a.showIndex, docIndex},
		{"GET", "/api/users/", access.ViewUser, a.listUsers, docList},
		{"POST", "/api/users/", access.AddUser, a.createUser, docCreate},
		{"GET", "/api/users/active_count/", access.ViewUser, a.countActiveUsers, docActiveCount},
		{"GET", "/api/users/{id}/", access.ViewUser, a.showUser, docRead},
		{"PUT", "/api/users/{id}/", access.ChangeUser, a.replaceUser, docUpdate},
		{"PATCH", "/api/users/{id}/", access.ChangeUser, a.patchUser, docPartialUpdate},
		{"DELETE", "/api/users/{id}/", access.DeleteUser, a.deleteUser, docDelete},
	}
}

// documents is the table of the API's documentation.
func (a *API) documents() ([]route, error) {
	d, err := newDocs(a.Assets, newDocument(func() (*openapi3.T, error) { return openAPI(a.routes(), a.Version) }))
	if err != nil {
		return nil, err
	}
	return []route{
		{"GET", "/openapi.json", access.Public, d.showJSON, operation{}},
		{"GET", "/openapi.yaml", access.Public, d.showYAML, operation{}},
		{"GET", "/swagger.json", access.Public, d.showJSON, operation{}},
		{"GET", "/swagger/", access.Public, d.showSwagger, operation{}},
		{"GET", "/redoc/", access.Public, d.showRedoc, operation{}},
	}, nil
}

// resource is what a path is called in OPTIONS metadata and on pages, by the
// names that Django REST Framework derives from the reference's classes.
type resource struct {
	path, name, description string
	suffixes                []string // further paths, with a format suffix
}

var resources = []resource{
	{"/api/", "Api Root", "The default basic root view for DefaultRouter",
		[]string{"/api/.{format.}", "/api/.{format.}/"}},
	{"/api/users/", "T User List", "",
		[]string{"/api/users.{format.}", "/api/users.{format.}/"}},
	{"/api/users/active_count/", "Active count", "", nil},
	{"/api/users/{id}/", "T User Instance", "",
		[]string{"/api/users/{id}.{format.}", "/api/users/{id}.{format.}/"}},
}
