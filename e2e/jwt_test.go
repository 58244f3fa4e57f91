package e2e_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

const sharedSecret = "Tb7qN2xWv9LkR4mYc8ZpJ3sHf6GdQa1u"

// tokenRequest is a request about tokens. {refresh} and the like in its body and
// header stand for tokens of the server that is asked.
type tokenRequest struct{ Method, Path, Type, Body, Auth string }

type tokenAnswer struct {
	Status  int
	Body    string
	Headers map[string]string
}

// tokenServer is Roster, or Django with simplejwt.
type tokenServer struct {
	ask    func(tokenRequest) (tokenAnswer, error)
	tokens map[string]string
}

// send sends a request with the server's tokens.
func (s *tokenServer) send(t *testing.T, r tokenRequest) tokenAnswer {
	t.Helper()
	for name, text := range s.tokens {
		r.Body, r.Auth = strings.ReplaceAll(r.Body, "{"+name+"}", text), strings.ReplaceAll(r.Auth, "{"+name+"}", text)
	}
	got, err := s.ask(r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// keep sends a request and keeps the tokens of the answer: name+"_access" and
// name+"_refresh".
func (s *tokenServer) keep(t *testing.T, name, path, body string) {
	t.Helper()
	got := s.send(t, tokenRequest{http.MethodPost, path, "application/json", body, ""})
	var pair struct{ Access, Refresh string }
	if err := json.Unmarshal([]byte(got.Body), &pair); err != nil || got.Status != http.StatusOK || pair.Access == "" {
		t.Fatalf("%s: got %d %s", path, got.Status, got.Body)
	}
	s.tokens[name+"_access"], s.tokens[name+"_refresh"] = pair.Access, pair.Refresh
}

// newSimpleJWT starts testdata/django/simplejwt.py.
func newSimpleJWT(t *testing.T) *tokenServer {
	t.Helper()
	python := installed(t, "TEST_DJANGO_PYTHON")
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), python, "testdata/django/simplejwt.py")
	cmd.Env = append(os.Environ(), "SECRET_KEY="+sharedSecret, "PASSWORD="+staffPassword, "PYTHONDONTWRITEBYTECODE=1", "PYTHONWARNINGS=ignore")
	cmd.Stderr = io.Discard // Django's log of refused requests
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	lines := bufio.NewReader(out)
	return &tokenServer{tokens: map[string]string{}, ask: func(r tokenRequest) (got tokenAnswer, err error) {
		if err = json.NewEncoder(in).Encode(r); err != nil {
			return got, err
		}
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return got, fmt.Errorf("Django has ended: %w", err)
		}
		return got, json.Unmarshal(line, &got)
	}}
}

// newTokenServer starts Roster with the accounts of simplejwt.py.
func newTokenServer(t *testing.T) *tokenServer {
	t.Helper()
	dir := t.TempDir()
	settings := []string{
		"DB_NAME=" + filepath.Join(dir, "db.sqlite3"), "SECRET_KEY=" + sharedSecret, "JWT_ALGORITHM=HS256",
		"API_PERMISSION=IsAuthenticated", "THROTTLE_LOGIN=1000/min",
	}
	commanded(t, settings, "migrate")
	addSuperuser(t, settings, "ann")
	addSuperuser(t, settings, "bob")
	db, err := openSQLite(filepath.Join(dir, "db.sqlite3"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE auth_user SET is_active = 0 WHERE username = 'bob'"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, dir, settings...)
	return &tokenServer{tokens: map[string]string{}, ask: func(r tokenRequest) (got tokenAnswer, err error) {
		request, err := http.NewRequestWithContext(t.Context(), r.Method, s.url+r.Path, strings.NewReader(r.Body))
		if err != nil {
			return got, err
		}
		request.Header.Set("Accept", "application/json")
		request.Header.Set("Content-Type", r.Type)
		if r.Auth != "" {
			request.Header.Set("Authorization", r.Auth)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return got, err
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		got = tokenAnswer{response.StatusCode, string(body), map[string]string{}}
		for _, name := range []string{"Content-Type", "Allow", "WWW-Authenticate"} {
			if value := response.Header.Get(name); value != "" {
				got.Headers[name] = value
			}
		}
		return got, err
	}}
}

// forged returns tokens with any claims, signed with the shared secret unless their
// name says otherwise.
func forged(t *testing.T) map[string]string {
	t.Helper()
	now := time.Now().Unix()
	claims := func(changes ...any) jwt.MapClaims {
		all := jwt.MapClaims{"token_type": "access", "exp": now + 600, "iat": now, "jti": rand.Text(), "user_id": 1}
		for i := 0; i < len(changes); i += 2 {
			name, _ := changes[i].(string)
			all[name] = changes[i+1]
			if changes[i+1] == nil {
				delete(all, name)
			}
		}
		return all
	}
	texts := map[string]string{}
	for name, all := range map[string]jwt.MapClaims{
		"foreign": claims(), "foreign_refresh": claims("token_type", "refresh"), "lost_refresh": claims("token_type", "refresh"), "expired": claims("exp", now-1),
		"expired_refresh": claims("exp", now-1, "token_type", "refresh"), "no_exp": claims("exp", nil), "text_exp": claims("exp", "soon"),
		"no_jti": claims("jti", nil), "no_type": claims("token_type", nil), "sliding": claims("token_type", "sliding"),
		"no_type_refresh": claims("token_type", nil), "late_iat": claims("iat", now+3600), "late_nbf": claims("nbf", now+3600),
		"no_user": claims("user_id", nil), "other_user": claims("user_id", 999), "text_user": claims("user_id", "1"), "inactive": claims("user_id", 2),
	} {
		text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, all).SignedString([]byte(sharedSecret))
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = text
	}
	for name, sign := range map[string]func() (string, error){
		"none": func() (string, error) {
			return jwt.NewWithClaims(jwt.SigningMethodNone, claims()).SignedString(jwt.UnsafeAllowNoneSignatureType)
		},
		"hs512": func() (string, error) {
			return jwt.NewWithClaims(jwt.SigningMethodHS512, claims()).SignedString([]byte(sharedSecret))
		},
		"other_key": func() (string, error) {
			return jwt.NewWithClaims(jwt.SigningMethodHS256, claims()).SignedString([]byte("another"))
		},
		"none_refresh": func() (string, error) {
			return jwt.NewWithClaims(jwt.SigningMethodNone, claims("token_type", "refresh")).SignedString(jwt.UnsafeAllowNoneSignatureType)
		},
	} {
		text, err := sign()
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = text
	}
	parts := strings.Split(texts["foreign"], ".")
	texts["tampered"] = parts[0] + "." + strings.Split(texts["inactive"], ".")[1] + "." + parts[2]
	return texts
}

// tokenCase is a request that both servers answer alike, unless differs says why not.
type tokenCase struct{ name, request, body, differs string }

const form, multipart = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"

// parse returns the request of "METHOD path type", and of "GET /api/users/ header".
func (c tokenCase) parse() tokenRequest {
	words := strings.SplitN(c.request, " ", 3)
	r := tokenRequest{Method: words[0], Path: words[1], Type: "application/json", Body: c.body}
	if len(words) == 3 && r.Path == "/api/users/" {
		r.Auth = words[2]
	} else if len(words) == 3 {
		r.Type = words[2]
	}
	return r
}

func obtainCases() []tokenCase {
	const path = "POST /api/token/"
	right := `{"username": "ann", "password": "` + staffPassword + `"}`
	return []tokenCase{
		{"JSON", path, right, ""},
		{"a form", path + " " + form, "username=ann&password=" + staffPassword, ""},
		{"a multipart form", path + " " + multipart, "--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nann\r\n" +
			"--x\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n" + staffPassword + "\r\n--x--\r\n", ""},
		{"more fields", path, strings.Replace(right, "{", `{"more": [1], `, 1), ""},
		{"white space", path, strings.ReplaceAll(right, "ann", " ann "), ""},
		{"wrong password", path, `{"username": "ann", "password": "wrong"}`, ""},
		{"unknown account", path, `{"username": "zoe", "password": "wrong"}`, ""},
		{"inactive account", path, strings.ReplaceAll(right, "ann", "bob"), ""},
		{"no field", path, `{}`, ""},
		{"no password", path, `{"username": "ann"}`, ""},
		{"no username", path, `{"password": "x"}`, ""},
		{"blank", path, `{"username": "", "password": " "}`, ""},
		{"null", path, `{"username": null, "password": null}`, ""},
		{"booleans", path, `{"username": true, "password": false}`, ""},
		{"numbers", path, `{"username": 1, "password": 2.5}`, ""},
		{"a list and an object", path, `{"username": ["ann"], "password": {"x": 1}}`, ""},
		{"NUL", path, `{"username": "a\u0000", "password": "x"}`, ""},
		{"a list", path, `[]`, ""},
		{"a text", path, `"ann"`, ""},
		{"no JSON", path, `{"username"`, ""},
		{"nothing", path, ``, ""},
		{"an empty form", path + " " + form, ``, ""},
		{"plain text", path + " text/plain", right, ""},
		{"XML", path + " application/xml", "<ann/>", ""},
		{"JSON with a charset", path + " application/json; charset=utf-8", right, ""},
		{"GET", "GET /api/token/", ``, ""},
		{"PUT", "PUT /api/token/", right, ""},
		{"PATCH", "PATCH /api/token/", right, ""},
		{"DELETE", "DELETE /api/token/", ``, ""},
		{"HEAD", "HEAD /api/token/", ``, ""},
		{"OPTIONS", "OPTIONS /api/token/", ``, ""},
	}
}

func refreshCases() []tokenCase {
	const path, lost = "POST /api/token/refresh/", "the login of the token has ended, or never was"
	return []tokenCase{
		{"valid", path, `{"refresh": "{first_refresh}"}`, ""},
		{"a form", path + " " + form, `refresh={second_refresh}`, ""},
		{"used before", path, `{"refresh": "{used_refresh}"}`, ""},
		{"an access token", path, `{"refresh": "{third_access}"}`, ""},
		{"expired", path, `{"refresh": "{expired_refresh}"}`, ""},
		{"alg none", path, `{"refresh": "{none_refresh}"}`, ""},
		{"another key", path, `{"refresh": "{other_key}"}`, ""},
		{"no type", path, `{"refresh": "{no_type_refresh}"}`, ""},
		{"of another service", path, `{"refresh": "{lost_refresh}"}`, lost},
		{"no token", path, `{"refresh": "x"}`, ""},
		{"three parts", path, `{"refresh": "a.b.c"}`, ""},
		{"no field", path, `{"token": "x"}`, ""},
		{"blank", path, `{"refresh": ""}`, ""},
		{"null", path, `{"refresh": null}`, ""},
		{"a number", path, `{"refresh": 5}`, ""},
		{"a list", path, `{"refresh": ["x"]}`, ""},
		{"GET", "GET /api/token/refresh/", ``, ""},
		{"OPTIONS", "OPTIONS /api/token/refresh/", ``, ""},
	}
}

func verifyCases() (cases []tokenCase) {
	const path = "POST /api/token/verify/"
	for _, token := range []string{
		"third_access", "third_refresh", "ended_refresh", "used_refresh", "foreign", "foreign_refresh", "expired", "expired_refresh", "no_exp", "text_exp", "no_jti",
		"no_type", "sliding", "late_iat", "late_nbf", "no_user", "other_user", "none", "hs512", "other_key", "tampered",
	} {
		cases = append(cases, tokenCase{token, path, `{"token": "{` + token + `}"}`, ""})
	}
	return append(cases,
		tokenCase{"an access token of an ended login", path, `{"token": "{ended_access}"}`, "simplejwt knows no logins"},
		tokenCase{"no token", path, `{"token": "x"}`, ""}, tokenCase{"no field", path, `{}`, ""}, tokenCase{"blank", path, `{"token": " "}`, ""},
		tokenCase{"a boolean", path, `{"token": true}`, ""}, tokenCase{"a form", path + " " + form, `token={third_access}`, ""},
		tokenCase{"GET", "GET /api/token/verify/", ``, ""}, tokenCase{"OPTIONS", "OPTIONS /api/token/verify/", ``, ""},
	)
}

func blacklistCases() []tokenCase {
	const path = "POST /api/token/blacklist/"
	return []tokenCase{
		{"valid", path, `{"refresh": "{fourth_refresh}"}`, ""},
		{"again", path, `{"refresh": "{fourth_refresh}"}`, ""},
		{"an access token", path, `{"refresh": "{third_access}"}`, ""},
		{"expired", path, `{"refresh": "{expired_refresh}"}`, ""},
		{"no token", path, `{"refresh": "x"}`, ""},
		{"no field", path, `{}`, ""},
		{"GET", "GET /api/token/blacklist/", ``, ""},
		{"OPTIONS", "OPTIONS /api/token/blacklist/", ``, ""},
	}
}

// apiCases are requests with a token. Answers of success have other users.
func apiCases() []tokenCase {
	const header, path = "WWW-Authenticate is that of RFC 6750", "GET /api/users/ "
	return []tokenCase{
		{"a refresh token", path + "Bearer {third_refresh}", "", header},
		{"expired", path + "Bearer {expired}", "", header},
		{"three parts", path + "Bearer a.b.c", "", header},
		{"no token at all", path + "Bearer", "", header},
		{"only a space", path + "Bearer ", "", header},
		{"two tokens", path + "Bearer {third_access} {third_access}", "", header},
		{"no exp", path + "Bearer {no_exp}", "", header},
		{"no type", path + "Bearer {no_type}", "", header},
		{"no user", path + "Bearer {no_user}", "", header},
		{"another user", path + "Bearer {other_user}", "", header},
		{"an inactive user", path + "Bearer {inactive}", "", header},
		{"alg none", path + "Bearer {none}", "", header},
		{"tampered", path + "Bearer {tampered}", "", header},
	}
}

// TestDjango_SimpleJWT asks Roster and a Django with simplejwt the same.
func TestDjango_SimpleJWT(t *testing.T) {
	t.Parallel()
	django, roster := newSimpleJWT(t), newTokenServer(t)
	texts := forged(t)
	for _, s := range []*tokenServer{django, roster} {
		for name, text := range texts {
			s.tokens[name] = text
		}
		for _, name := range []string{"first", "second", "third", "fourth", "used", "ended"} {
			s.keep(t, name, "/api/token/", `{"username": "ann", "password": "`+staffPassword+`"}`)
		}
		s.keep(t, "next", "/api/token/refresh/", `{"refresh": "{used_refresh}"}`)
		s.send(t, tokenRequest{http.MethodPost, "/api/token/blacklist/", "application/json", `{"refresh": "{ended_refresh}"}`, ""})
	}
	for _, c := range slices.Concat(obtainCases(), refreshCases(), verifyCases(), blacklistCases(), apiCases()) {
		want, got := essence(django.send(t, c.parse())), essence(roster.send(t, c.parse()))
		diff := cmp.Diff(want, got)
		if c.differs == "" && diff != "" {
			t.Errorf("%s, %s (-simplejwt +Roster):\n%s", c.request, c.name, diff)
		}
		if c.differs != "" && diff == "" {
			t.Errorf("%s, %s: no difference, although %s", c.request, c.name, c.differs)
		}
		if want["status"] == http.StatusInternalServerError {
			t.Errorf("%s, %s: simplejwt fails; leave the case out", c.request, c.name)
		}
	}
	wantAccepted(t, "Roster accepts a token of Django", roster, django.tokens["third_access"])
	wantAccepted(t, "Django accepts a token of Roster", django, roster.tokens["third_access"])
	wantAccepted(t, "Roster accepts user_id as a text", roster, texts["text_user"])
}

func wantAccepted(t *testing.T, what string, s *tokenServer, token string) {
	t.Helper()
	for _, r := range []tokenRequest{
		{http.MethodPost, "/api/token/verify/", "application/json", `{"token": "` + token + `"}`, ""},
		{http.MethodGet, "/api/users/", "application/json", "", "Bearer " + token},
	} {
		if got := s.send(t, r); got.Status != http.StatusOK {
			t.Errorf("%s, %s: got %d %s", what, r.Path, got.Status, got.Body)
		}
	}
}

// essence returns what must be equal in two answers. Tokens are replaced by the
// names of their claims and by how long they are valid; sid is Roster's own.
func essence(a tokenAnswer) map[string]any {
	out := map[string]any{"status": a.Status, "body": a.Body}
	for _, name := range []string{"Content-Type", "Allow", "WWW-Authenticate"} {
		out[name] = a.Headers[name]
	}
	var body map[string]any
	if json.Unmarshal([]byte(a.Body), &body) != nil {
		return out
	}
	for name, value := range body {
		text, _ := value.(string)
		claims := jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(text, claims); err != nil {
			continue
		}
		names := []string{fmt.Sprint(claims["token_type"], " of ", claims["user_id"])}
		for claim := range claims {
			if claim != "sid" {
				names = append(names, claim)
			}
		}
		slices.Sort(names)
		life, _ := claims["exp"].(float64)
		start, _ := claims["iat"].(float64)
		body[name] = append(names, fmt.Sprint((time.Duration(life-start) * time.Second).Round(time.Minute)))
	}
	out["body"] = body
	return out
}
