package api

import (
	"net/http"
	"strconv"
	"strings"

	"roster/internal/user"
)

// etagOf returns the entity tag of a user as JSON (RFC 9110, 8.8.3). IDs are never
// reused, and the version changes with every change.
func etagOf(u *user.User) string {
	b := append(make([]byte, 0, 40), '"')
	b = strconv.AppendInt(b, u.ID, 10)
	b = append(b, '-')
	b = append(b, u.Version()...)
	return string(append(b, '"'))
}

// respondUser writes a user with its entity tag.
func respondUser(w http.ResponseWriter, status int, u *user.User) error {
	w.Header()["Etag"] = []string{etagOf(u)}
	return respond(w, status, user.AppendJSON(make([]byte, 0, 384), u))
}

// isKnown reports whether the client has this version of the user (RFC 9110,
// 13.1.2).
func isKnown(r *http.Request, u *user.User) bool {
	header, given := r.Header["If-None-Match"]
	if !given {
		return false
	}
	known, tag := false, etagOf(u)
	for _, candidate := range entityTags(header) {
		known = known || candidate == "*" || strings.TrimPrefix(candidate, "W/") == tag
	}
	return known
}

// expecting returns the service for a request that may name the versions of the
// user that it means to change.
func (a *API) expecting(r *http.Request, id int64) *user.Users {
	versions, every := expectedVersions(r, id)
	if every {
		return a.Users
	}
	return a.Users.Expecting(versions...)
}

// expectedVersions returns the versions of a row that the tags of If-Match name
// (RFC 9110, 13.1.1), and whether every version will do. A tag that is weak or
// of another row names none.
func expectedVersions(r *http.Request, id int64) (versions []string, every bool) {
	header, given := r.Header["If-Match"]
	if !given {
		return nil, true
	}
	for _, tag := range entityTags(header) {
		if tag == "*" {
			return nil, true
		}
		version, ours := strings.CutPrefix(tag, `"`+strconv.FormatInt(id, 10)+"-")
		if version, closed := strings.CutSuffix(version, `"`); ours && closed {
			versions = append(versions, version)
		}
	}
	return versions, false
}

// entityTags splits the lists of a header.
func entityTags(header []string) (tags []string) {
	for _, list := range header {
		for tag := range strings.SplitSeq(list, ",") {
			if tag = strings.TrimSpace(tag); tag != "" {
				tags = append(tags, tag)
			}
		}
	}
	return tags
}
