package openapi

import "github.com/getkin/kin-openapi/openapi3"

// jwtInputs are the fields of the inputs about JSON Web Tokens that no other input
// has.
var jwtInputs = []string{"password", "refresh", "token"}

// jwtSchemas returns the schemas of JSON Web Tokens.
func jwtSchemas() openapi3.Schemas {
	credentials := whole(property{"username", text()}, property{"password", text().WithFormat("password")})
	credentials.Example = map[string]any{"username": "ann", "password": "correct horse battery staple"}
	return openapi3.Schemas{
		"JWTCredentials":  credentials.NewRef(),
		"JWTPair":         whole(property{"access", text()}, property{"refresh", text()}).NewRef(),
		"JWTRefresh":      whole(property{"refresh", text()}).NewRef(),
		"JWTVerify":       whole(property{"token", text()}).NewRef(),
		"CredentialError": credentialErrorSchema().NewRef(),
		"Empty":           openapi3.NewObjectSchema().NewRef(),
	}
}

// credentialErrorSchema describes a 401; JSON Web Tokens have a code and messages.
func credentialErrorSchema() *openapi3.Schema {
	message := whole(property{"token_class", text()}, property{"token_type", text()}, property{"message", text()})
	s := object("detail", text()).WithProperty("code", text()).WithProperty("messages", openapi3.NewArraySchema().WithItems(message))
	s.Properties["code"].Value.Description = "What is wrong with a JSON Web Token, such as `token_not_valid`."
	return s
}

// jwtScheme describes access tokens as credentials.
func jwtScheme() *openapi3.SecurityScheme {
	s := openapi3.NewSecurityScheme().WithType("http").WithScheme("bearer").WithBearerFormat("JWT")
	s.Description = "An access token of `/api/token/`."
	return s
}
