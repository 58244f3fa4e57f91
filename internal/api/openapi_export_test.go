package api

import (
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"

	"roster/internal/access"
	"roster/internal/api/openapi"
	"roster/internal/httpkit"
)

// BuildOpenAPI returns the document of the table.
func BuildOpenAPI(version string) (*openapi3.T, error) {
	return openapi.Build((&API{}).routes(), version)
}

// Routes returns the method and path of every line of the table.
func Routes() [][2]string {
	var lines [][2]string
	for _, r := range (&API{}).routes() {
		lines = append(lines, [2]string{r.Method, r.Path})
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
	for path, handle := range map[string]httpkit.Handler{
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
