package api_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"roster/internal/api"
	"roster/internal/api/work"
	"roster/internal/form"
	"roster/internal/task/periodic"
	"roster/internal/user"
)

func buildOpenAPI(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := api.BuildOpenAPI("1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestOpenAPI_Golden(t *testing.T) {
	t.Parallel()
	docs, _ := newDocs(t, buildDocument)
	doc := bodyOf(t, ask(docs, http.MethodGet, "/openapi.json"))
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(doc+"\n"), "", "  "); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "openapi.json", indented.String())
}

// TestOpenAPI_Loads reads the document as a client does, from its bytes.
func TestOpenAPI_Loads(t *testing.T) {
	t.Parallel()
	docs, _ := newDocs(t, buildDocument)
	doc, err := openapi3.NewLoader().LoadFromData([]byte(bodyOf(t, ask(docs, http.MethodGet, "/openapi.json"))))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
	if got := doc.Info.Version; got != "1.2.3" {
		t.Errorf("version: got %q, want 1.2.3", got)
	}
	if got := doc.Servers[0].URL; got != "/" {
		t.Errorf("server: got %q, want the origin that the document comes from", got)
	}
}

func TestOpenAPI_DescribesEveryRoute(t *testing.T) {
	t.Parallel()
	if diff := differences(buildOpenAPI(t), api.Routes()); len(diff) > 0 {
		t.Error(strings.Join(diff, "\n"))
	}
}

// differences lists the routes without an operation and the operations
// without a route. OPTIONS comes with any other method of a path below /api/.
func differences(doc *openapi3.T, routes [][2]string) []string {
	served := map[string]bool{"GET /healthz": true, "GET /readyz": true}
	for _, r := range routes {
		served[r[0]+" "+r[1]] = true
		if strings.HasPrefix(r[1], "/api/") {
			served["OPTIONS "+r[1]] = true
		}
	}
	var found []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			line := method + " " + path
			if !served[line] {
				found = append(found, "no route: "+line)
			}
			delete(served, line)
		}
	}
	for line := range served {
		found = append(found, "no operation: "+line)
	}
	slices.Sort(found)
	return found
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	doc := buildOpenAPI(t)
	routes := slices.DeleteFunc(api.Routes(), func(r [2]string) bool { return r[0] == "DELETE" && r[1] == "/api/users/{id}/" })
	got := differences(doc, append(routes, [2]string{"GET", "/api/groups/"}))
	want := []string{"no operation: GET /api/groups/", "no operation: OPTIONS /api/groups/", "no route: DELETE /api/users/{id}/"}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestOpenAPI_OperationIDs(t *testing.T) {
	t.Parallel()
	var got []string
	for _, item := range buildOpenAPI(t).Paths.Map() {
		for method, operation := range item.Operations() {
			if strings.HasPrefix(operation.OperationID, "users_") && method != "OPTIONS" {
				got = append(got, operation.OperationID)
			}
		}
	}
	slices.Sort(got)
	want := []string{
		"users_active_count", "users_create", "users_delete", "users_list", "users_partial_update", "users_read", "users_update",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// TestOpenAPI_FollowsFields compares the schemas with the table of fields.
func TestOpenAPI_FollowsFields(t *testing.T) {
	t.Parallel()
	schemas := buildOpenAPI(t).Components.Schemas
	var all, writable, required []string
	for _, f := range user.Table().Fields() {
		all = append(all, f.Name)
		if !f.ReadOnly {
			writable = append(writable, f.Name)
		}
		if f.Required {
			required = append(required, f.Name)
		}
		checkField(t, schemas, f)
	}
	checkProperties(t, schemas["User"].Value, append(slices.Clone(all), "unreadable"), all)
	checkProperties(t, schemas["UserInput"].Value, writable, required)
	checkProperties(t, schemas["UserPatch"].Value, writable, nil)
	faulty := append(writable, "non_field_errors")
	for _, p := range user.Parameters() {
		faulty = append(faulty, p.Name)
	}
	for _, f := range slices.Concat(work.TaskFields(), periodic.Table().Fields()) {
		faulty = append(faulty, f.Name)
	}
	faulty = append(faulty, "scopes", "expires_in_days", "overlap_hours", "password", "refresh", "token")
	slices.Sort(faulty)
	checkProperties(t, schemas["FieldErrors"].Value, slices.Compact(append(faulty, work.Parameters()...)), nil)
}

func checkField(t *testing.T, schemas openapi3.Schemas, f form.Field) {
	t.Helper()
	read := schemas["User"].Value.Properties[f.Name].Value
	mayBeNull := f.Nullable || f.Type == form.TypeDateTime // a stored time may be unreadable
	if read.ReadOnly != f.ReadOnly || read.Nullable != mayBeNull || read.Title != f.Label {
		t.Errorf("%s: got readOnly %v, nullable %v, title %q", f.Name, read.ReadOnly, read.Nullable, read.Title)
	}
	if f.ReadOnly || f.MaxLength == 0 {
		return
	}
	write := schemas["UserInput"].Value.Properties[f.Name].Value
	if write.MaxLength == nil || *write.MaxLength != uint64(f.MaxLength) {
		t.Errorf("%s: got maxLength %v, want %d", f.Name, write.MaxLength, f.MaxLength)
	}
	if blank := write.MinLength == 0; blank != f.Blank {
		t.Errorf("%s: got minLength %d, want empty text allowed: %v", f.Name, write.MinLength, f.Blank)
	}
}

func checkProperties(t *testing.T, schema *openapi3.Schema, names, required []string) {
	t.Helper()
	got := slices.Sorted(maps.Keys(schema.Properties))
	if diff := cmp.Diff(got, slices.Sorted(slices.Values(names))); diff != "" {
		t.Errorf("properties (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(schema.Required, required); diff != "" {
		t.Errorf("required (-got +want):\n%s", diff)
	}
}
