package api

import (
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"

	"roster/internal/access"
)

// Route is a line of the route table, for tests.
type Route = route

// BuildOpenAPI returns the document of the table.
func BuildOpenAPI(version string) (*openapi3.T, error) {
	return buildOpenAPI((&API{}).routes(), version)
}

// Routes returns the method and path of every line of the table.
func Routes() [][2]string {
	var lines [][2]string
	for _, r := range (&API{}).routes() {
		lines = append(lines, [2]string{r.method, r.path})
	}
	return lines
}

// AssetURLs is what the documentation pages need of the static files.
type AssetURLs = assetURLs

// NewDocs returns the documentation pages and documents by path.
func NewDocs(assets AssetURLs, build func() (*openapi3.T, error)) (http.Handler, error) {
	d, err := newDocs(assets, newDocument(build))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for path, handle := range map[string]handler{
		"/swagger/": d.showSwagger, "/redoc/": d.showRedoc,
		"/openapi.json": d.showJSON, "/swagger.json": d.showJSON, "/openapi.yaml": d.showYAML,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if err := handle(w, r, access.Actor{}); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	return mux, nil
}
