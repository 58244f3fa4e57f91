package oidc

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"roster/internal/auth"
	"roster/internal/form"
)

// maxSubject is the maximum length of a subject in bytes (OpenID Connect Core 1.0,
// section 2).
const maxSubject = 255

// maxEmail is the maximum length of an address in bytes.
const maxEmail = 254

// mfaClasses are values of acr that stand for more than one factor.
var mfaClasses = []string{
	"mfa",
	"https://refeds.org/profile/mfa",
	"http://schemas.openid.net/pape/policies/2007/06/multi-factor",
}

// claimSet is claims by name.
type claimSet map[string]any

// rawClaims returns all claims.
func rawClaims(decode func(any) error) (c claimSet, err error) {
	var raw json.RawMessage
	if err = decode(&raw); err == nil {
		err = json.Unmarshal(raw, &c)
	}
	return c, err
}

// mfa reports whether the provider has checked a second factor (RFC 8176).
func (c claimSet) mfa() bool {
	return slices.Contains(texts(c["amr"]), "mfa") || slices.Contains(mfaClasses, c.text("acr"))
}

// authTime returns when the person logged in at the provider, zero if unknown.
func (c claimSet) authTime() time.Time {
	seconds, _ := c["auth_time"].(float64)
	if seconds <= 0 || seconds > 1<<40 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

// texts returns the texts of a claim that is a list or a single text.
func texts(claim any) (found []string) {
	switch claim := claim.(type) {
	case string:
		return []string{claim}
	case []any:
		for _, item := range claim {
			if text, ok := item.(string); ok {
				found = append(found, text)
			}
		}
	}
	return found
}

func (c claimSet) text(name string) string {
	text, _ := c[name].(string)
	return strings.TrimSpace(text)
}

// isTrue reports whether a claim is true. Some providers send it as a text.
func (c claimSet) isTrue(name string) bool {
	switch value := c[name].(type) {
	case bool:
		return value
	case string:
		return value == "true" || value == "1"
	}
	return false
}

// fill sets what these claims say about a person. The address counts only together
// with the claim that it is verified: email_verified, or Entra's xms_edov.
func (c claimSet) fill(found *auth.Claims) {
	if c["email"] != nil {
		found.Email = ""
		if text := c.text("email"); len(text) <= maxEmail && form.ValidEmail(text) && (c.isTrue("email_verified") || c.isTrue("xms_edov")) {
			found.Email = text
		}
	}
	for name, field := range map[string]*string{"preferred_username": &found.Username, "given_name": &found.FirstName, "family_name": &found.LastName} {
		if text := c.text(name); text != "" {
			*field = text
		}
	}
}

// find returns a claim: one of that name, or else of that path, such as
// realm_access.roles.
func (c claimSet) find(name string) (value any, ok bool) {
	if value, ok = c[name]; ok {
		return value, ok
	}
	first, rest, nested := strings.Cut(name, ".")
	inner, isObject := c[first].(map[string]any)
	if !nested || !isObject {
		return nil, false
	}
	return claimSet(inner).find(rest)
}

func (c claimSet) has(name string) bool {
	_, ok := c.find(name)
	return ok
}

// errOverage says that Entra has left the groups out, because there are too many.
var errOverage = errors.New("the groups are too many for the token; let the provider send only those of this application")

// groupsOf returns the names in the claim, of the first set that has it. No claim
// stands for no groups.
func groupsOf(sets []claimSet, claim string) ([]string, error) {
	if claim == "" {
		return nil, nil
	}
	for _, set := range sets {
		if elsewhere, ok := set["_claim_names"].(map[string]any); ok && elsewhere[claim] != nil {
			return nil, errOverage
		}
		value, ok := set.find(claim)
		if !ok {
			continue
		}
		switch value.(type) {
		case string, []any, nil:
			return texts(value), nil
		}
		return nil, errors.New("the claim about groups is not a list of names")
	}
	return nil, nil
}
