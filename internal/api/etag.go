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
		known = known || candidate == "*" || `"`+ownTag(candidate)+`"` == tag
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
// (RFC 9110, 13.1.1), and whether every version will do. A tag of another row
// names none.
func expectedVersions(r *http.Request, id int64) (versions []string, every bool) {
	header, given := r.Header["If-Match"]
	if !given {
		return nil, true
	}
	for _, tag := range entityTags(header) {
		if tag == "*" {
			return nil, true
		}
		if version, ours := strings.CutPrefix(ownTag(tag), strconv.FormatInt(id, 10)+"-"); ours {
			versions = append(versions, version)
		}
	}
	return versions, false
}

// compressed are what servers in between append to the tag of an answer that they
// compress: Apache's mod_deflate, mod_brotli and mod_zstd, and Jetty.
var compressed = []string{"--gzip", "-gzip", ";gzip", "-deflate", "-br", "-zstd"}

// ownTag returns what is between the quotes of a tag that we sent. A server in
// between may have made it weak, as nginx does when it compresses, or appended
// the compression; some clients drop the quotes. It still names one version: the
// representation that it compressed is ours.
func ownTag(tag string) string {
	tag = strings.TrimPrefix(tag, "W/")
	tag = strings.TrimSuffix(strings.TrimPrefix(tag, `"`), `"`)
	for _, suffix := range compressed {
		if cut, found := strings.CutSuffix(tag, suffix); found {
			return cut
		}
	}
	return tag
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
