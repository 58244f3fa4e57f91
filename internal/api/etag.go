package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"roster/internal/user"
)

// etagOf is the entity tag of a user as JSON (RFC 9110, 8.8.3): ids are never
// used again, and updated_at grows with every change.
func etagOf(u *user.User) string {
	b := append(make([]byte, 0, 40), '"')
	b = strconv.AppendInt(b, u.ID, 10)
	b = append(b, '-')
	b = strconv.AppendInt(b, u.UpdatedAt.UnixMicro(), 36)
	return string(append(b, '"'))
}

// respondUser writes a user with its entity tag.
func respondUser(w http.ResponseWriter, status int, u *user.User) error {
	w.Header()["Etag"] = []string{etagOf(u)}
	return respond(w, status, appendUser(make([]byte, 0, 384), u))
}

// isKnown reports whether the client has this state of the user already
// (RFC 9110, 13.1.2).
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

// expecting returns the service for a request that may name the states of the
// user that it means to change (RFC 9110, 13.1.1). A tag that is weak or
// another user's names none.
func (a *API) expecting(r *http.Request, id int64) *user.Users {
	header, given := r.Header["If-Match"]
	if !given {
		return a.Users
	}
	var expected []time.Time
	for _, tag := range entityTags(header) {
		if tag == "*" {
			return a.Users
		}
		if updatedAt, ok := stateOf(tag, id); ok {
			expected = append(expected, updatedAt)
		}
	}
	return a.Users.Expecting(expected...)
}

// stateOf returns the updated_at in a tag of that user.
func stateOf(tag string, id int64) (updatedAt time.Time, ok bool) {
	digits, found := strings.CutPrefix(tag, `"`+strconv.FormatInt(id, 10)+"-")
	digits, closed := strings.CutSuffix(digits, `"`)
	micros, err := strconv.ParseInt(digits, 36, 64)
	return time.UnixMicro(micros).UTC(), found && closed && err == nil
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
