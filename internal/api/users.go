package api

import (
	"net/http"
	"strconv"
	"strings"

	"roster/internal/access"
	"roster/internal/api/decode"
	"roster/internal/form"
	"roster/internal/httpkit"
	"roster/internal/user"
)

// showUser answers GET /api/users/{id}/, with 304 if the client has this version.
func (a *API) showUser(w http.ResponseWriter, r *http.Request, actor access.Actor, id int64) error {
	u, err := a.Users.Find(r.Context(), actor, id)
	if err != nil {
		return err
	}
	if len(r.Header["If-None-Match"]) > 0 && isKnown(r, &u) {
		w.Header()["Etag"] = []string{etagOf(&u)}
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return respondUser(w, http.StatusOK, &u)
}

// countActiveUsers answers GET /api/users/active_count/.
func (a *API) countActiveUsers(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	n, err := a.Users.CountActive(r.Context(), actor)
	if err != nil {
		return err
	}
	body := strconv.AppendInt([]byte(`{"active_users_count":`), n, 10)
	return respond(w, http.StatusOK, append(body, '}'))
}

// createUser answers POST /api/users/.
func (a *API) createUser(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	in, err := a.input(r, form.Create)
	if err != nil {
		return err
	}
	u, err := a.create(r, actor, in)
	if err != nil {
		return err
	}
	return respondUser(w, http.StatusCreated, &u)
}

// create creates the user, only once for an Idempotency-Key.
func (a *API) create(r *http.Request, actor access.Actor, in form.Input) (user.User, error) {
	keys, ok := r.Header["Idempotency-Key"]
	if !ok {
		return a.Users.Create(r.Context(), actor, in)
	}
	return a.Users.CreateOnce(r.Context(), actor, strings.Join(keys, ", "), in)
}

// updateUser answers PUT and PATCH /api/users/{id}/. It looks for the row before
// it reads the body: a missing row is 404, whatever the body is.
func (a *API) updateUser(mode form.Mode) rowHandler {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor, id int64) error {
		if err := a.Users.Exists(r.Context(), actor, id); err != nil {
			return err
		}
		in, err := a.input(r, mode)
		if err != nil {
			return err
		}
		u, err := a.expecting(r, id).Update(r.Context(), actor, id, in, mode)
		if err != nil {
			return err
		}
		return respondUser(w, http.StatusOK, &u)
	}
}

// deleteUser answers DELETE /api/users/{id}/.
func (a *API) deleteUser(w http.ResponseWriter, r *http.Request, actor access.Actor, id int64) error {
	if err := a.expecting(r, id).Delete(r.Context(), actor, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// input reads the body.
func (a *API) input(r *http.Request, mode form.Mode) (form.Input, error) {
	body, err := httpkit.ReadBody(r)
	if err != nil {
		return nil, err
	}
	return readUser(r.Header.Get("Content-Type"), body, mode)
}

// readUser reads the fields of a user from a body.
func readUser(contentType, body string, mode form.Mode) (form.Input, error) {
	return decode.Body(contentType, body, decode.Options{Mode: mode, Keep: isUserField})
}

func isUserField(name string) bool { return user.Table().Find(name) != nil }
