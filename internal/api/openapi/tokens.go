package openapi

import (
	"github.com/getkin/kin-openapi/openapi3"

	"roster/internal/auth"
)

// tokenInputs are the fields of the inputs about tokens that no other input has.
var tokenInputs = []string{"scopes", "expires_in_days", "overlap_hours"}

// tokenSchemas returns the schemas of API tokens.
func tokenSchemas() openapi3.Schemas {
	token := maybe(text())
	token.Description = "The token. It is not null only in the answer that creates it."
	hint := text()
	hint.Description = "The first characters of the token, to recognize it."
	days := openapi3.NewIntegerSchema().WithMin(1).WithMax(3650).WithDefault(90)
	days.Description = "null for a token that does not expire."
	input := openapi3.NewObjectSchema().WithProperty("name", text().WithMaxLength(100)).
		WithProperty("scopes", scopeList()).WithProperty("expires_in_days", maybe(days))
	input.Required = []string{"name"}
	input.Example = map[string]any{"name": "nightly export", "scopes": []string{"users:read"}, "expires_in_days": 90}
	return openapi3.Schemas{
		"Token": whole(
			property{"id", integer()}, property{"name", text()}, property{"token", token}, property{"hint", hint},
			property{"scopes", scopeList()}, property{"created_at", moment()}, property{"expires_at", maybe(moment())},
			property{"used_at", maybe(moment())}, property{"used_from", maybe(text())},
		).NewRef(),
		"TokenPage":  workPage("Token").NewRef(),
		"TokenInput": input.NewRef(),
		"TokenRotation": openapi3.NewObjectSchema().
			WithProperty("overlap_hours", openapi3.NewIntegerSchema().WithMin(0).WithMax(168).WithDefault(0)).NewRef(),
	}
}

// scopeList describes the scopes of a token.
func scopeList() *openapi3.Schema {
	scope := text()
	for _, name := range auth.AllScopes() {
		scope.Enum = append(scope.Enum, string(name))
	}
	list := openapi3.NewArraySchema().WithItems(scope)
	list.Description = "Limits the token to these permissions of its account; none for all of them."
	return list
}

// tokenScheme describes API tokens as credentials.
func tokenScheme() *openapi3.SecurityScheme {
	s := openapi3.NewSecurityScheme().WithType("http").WithScheme("bearer")
	s.Description = "An API token, `rst_…`, of `/api/tokens/`, the admin site or `roster token create`."
	return s
}

// basicScheme describes the password of a staff account as a credential.
func basicScheme() *openapi3.SecurityScheme {
	s := openapi3.NewSecurityScheme().WithType("http").WithScheme("basic")
	s.Description = "The username and password of a staff account without a second factor, unless `API_BASIC_AUTH=false`."
	return s
}

// sessionScheme describes the session of the admin site as a credential.
func sessionScheme() *openapi3.SecurityScheme {
	s := openapi3.NewSecurityScheme().WithType("apiKey").WithIn("cookie").WithName("roster_sid")
	s.Description = "The session of the admin site; `__Host-sid` on https. Changes need the header `X-CSRFToken`."
	return s
}
