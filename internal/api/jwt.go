package api

import (
	"net/http"

	"roster/internal/access"
	"roster/internal/api/decode"
	"roster/internal/api/work"
	"roster/internal/auth"
	"roster/internal/auth/jwt"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/httpkit"
	"roster/internal/httpkit/session"
	"roster/internal/secret"
)

// jwtInput is the body of a request about JSON Web Tokens.
type jwtInput struct{ username, password, refresh, token, access string }

// The fields of the serializers of djangorestframework-simplejwt 5.2.
var (
	obtainFields = form.Table[jwtInput]{
		{Field: form.Field{Name: "username", Label: "Username", Type: form.TypeString, Required: true, Example: "ann"},
			At: func(in *jwtInput) any { return &in.username }},
		{Field: form.Field{Name: "password", Label: "Password", Type: form.TypeString, Required: true, Secret: true},
			At: func(in *jwtInput) any { return &in.password }},
	}
	refreshFields = form.Table[jwtInput]{
		refreshField,
		{Field: form.Field{Name: "access", Label: "Access", Type: form.TypeString, ReadOnly: true},
			At: func(in *jwtInput) any { return &in.access }},
	}
	verifyFields = form.Table[jwtInput]{
		{Field: form.Field{Name: "token", Label: "Token", Type: form.TypeString, Required: true},
			At: func(in *jwtInput) any { return &in.token }},
	}
	blacklistFields = form.Table[jwtInput]{refreshField}

	refreshField = form.Column[jwtInput]{Field: form.Field{Name: "refresh", Label: "Refresh", Type: form.TypeString, Required: true},
		At: func(in *jwtInput) any { return &in.refresh }}
)

// serveJWT returns the handler of a path of JSON Web Tokens, which answers with what
// serve returns. A 401 names the scheme as simplejwt's views do.
func serveJWT(fields form.Table[jwtInput], serve func(r *http.Request, in jwtInput) (any, error)) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
		in, err := readJWT(r, fields)
		var answer any = struct{}{}
		if err == nil {
			answer, err = serve(r, in)
		}
		if err != nil {
			if httpkit.StatusOf(err) == http.StatusUnauthorized {
				w.Header()["Www-Authenticate"] = []string{`Bearer realm="api"`}
			}
			return err
		}
		return respond(w, http.StatusOK, work.Marshal(answer))
	}
}

// readJWT reads a body of those fields.
func readJWT(r *http.Request, fields form.Table[jwtInput]) (in jwtInput, err error) {
	body, err := httpkit.ReadBody(r)
	if err != nil {
		return in, err
	}
	sent, err := readJWTBody(r.Header.Get("Content-Type"), body, form.Create)
	if err != nil {
		return in, err
	}
	return in, fields.ReadInto(&in, sent, form.Create).Err()
}

func readJWTBody(contentType, body string, _ form.Mode) (form.Input, error) {
	known := func(name string) bool {
		return obtainFields.Find(name) != nil || refreshFields.Find(name) != nil || verifyFields.Find(name) != nil
	}
	return decode.Body(contentType, body, decode.Options{Mode: form.Partial, Keep: known})
}

type (
	jwtPair struct {
		Refresh string `json:"refresh"`
		Access  string `json:"access"`
	}
	jwtRefreshed struct {
		Access  string `json:"access"`
		Refresh string `json:"refresh"`
	}
)

// obtainJWT answers POST /api/token/.
func (a *API) obtainJWT(r *http.Request, in jwtInput) (any, error) {
	pair, err := a.JWTs.Obtain(r.Context(), auth.LoginRequest{
		Username: in.username, Password: secret.New(in.password), Origin: session.OriginOf(r), UserAgent: r.UserAgent(),
	})
	return jwtPair{pair.Refresh.Reveal(), pair.Access.Reveal()}, err
}

// refreshJWT answers POST /api/token/refresh/.
func (a *API) refreshJWT(r *http.Request, in jwtInput) (any, error) {
	pair, err := a.JWTs.Refresh(r.Context(), in.refresh, session.OriginOf(r))
	return jwtRefreshed{pair.Access.Reveal(), pair.Refresh.Reveal()}, err
}

// verifyJWT answers POST /api/token/verify/.
func (a *API) verifyJWT(r *http.Request, in jwtInput) (any, error) {
	return struct{}{}, a.JWTs.Verify(r.Context(), in.token)
}

// blacklistJWT answers POST /api/token/blacklist/.
func (a *API) blacklistJWT(r *http.Request, in jwtInput) (any, error) {
	return struct{}{}, a.JWTs.Blacklist(r.Context(), in.refresh, session.OriginOf(r))
}

// showKeys answers GET /.well-known/jwks.json with a JSON Web Key Set (RFC 7517).
// Keys are published for a day before they sign.
func (a *API) showKeys(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
	keys, err := a.JWTs.PublicKeys(r.Context())
	if err != nil {
		return err
	}
	w.Header()["Cache-Control"] = []string{"public, max-age=3600"}
	return respond(w, http.StatusOK, work.Marshal(struct {
		Keys []jwt.JWK `json:"keys"`
	}{keys}))
}

// jwtErrorBody returns the JSON for a refused token or login, in the shapes of
// simplejwt's exceptions.
func jwtErrorBody(e *fault.Error, why *auth.JWTError) []byte {
	type message struct {
		Class   string `json:"token_class"`
		Type    string `json:"token_type"`
		Message string `json:"message"`
	}
	body := struct {
		Detail   string    `json:"detail"`
		Code     string    `json:"code,omitempty"`
		Messages []message `json:"messages,omitempty"`
	}{Detail: e.Message, Code: why.Code}
	if why.About != "" {
		body.Messages = []message{{"AccessToken", jwt.Access, why.About}}
	}
	return work.Marshal(body)
}

// jwtSubject describes the body of a path of JSON Web Tokens.
func jwtSubject(title string, fields form.Table[jwtInput]) *subject {
	return &subject{title: title, noun: "token", fields: fields.Fields(), read: readJWTBody}
}

// jwtResources are the paths of JSON Web Tokens, described as by simplejwt. They
// ignore credentials.
func jwtResources() []resource {
	return []resource{
		{"/api/token/", "Token Obtain Pair", "Takes a set of user credentials and returns an access and refresh JSON web\n" +
			"token pair to prove the authentication of those credentials.", jwtSubject("Log in", obtainFields), nil},
		{"/api/token/refresh/", "Token Refresh", "Takes a refresh type JSON web token and returns an access type JSON web\n" +
			"token if the refresh token is valid.", jwtSubject("Refresh a token", refreshFields), nil},
		{"/api/token/verify/", "Token Verify", "Takes a token and indicates if it is valid.  This view provides no\n" +
			"information about a token's fitness for a particular use.", jwtSubject("Verify a token", verifyFields), nil},
		{"/api/token/blacklist/", "Token Blacklist", "Takes a token and blacklists it. Must be used with the\n" +
			"`rest_framework_simplejwt.token_blacklist` app installed.", jwtSubject("Blacklist a token", blacklistFields), nil},
	}
}
