package openapi

import "github.com/getkin/kin-openapi/openapi3"

// trashSchemas returns the schemas of deleted users.
func trashSchemas() openapi3.Schemas {
	by, door := text(), text()
	by.Description, door.Description = "Who deleted the user.", "`api`, `web`, `admin`, `cli` or `task`."
	names := openapi3.NewObjectSchema().WithProperty("username", text()).WithProperty("email", text())
	names.Description = "Names that replace those of the user, if others have them now."
	return openapi3.Schemas{
		"TrashedUser": whole(
			property{"id", integer()}, property{"username", text()}, property{"email", text()}, property{"first_name", text()},
			property{"last_name", text()}, property{"deleted_at", moment()}, property{"deleted_by", by}, property{"door", door}, property{"reason", text()},
		).NewRef(),
		"TrashedUserPage": workPage("TrashedUser").NewRef(),
		"RestoreInput":    names.NewRef(),
	}
}
