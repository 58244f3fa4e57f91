package auth

import (
	"crypto/hmac"
	"encoding/json"
	"time"
)

// FlowLife is how long a person may take to log in at a provider, and to confirm a
// link afterwards.
const FlowLife = 10 * time.Minute

// Flow is a login at a provider, from the redirect there to the callback. The
// browser keeps it, sealed.
type Flow struct {
	Provider    string
	State       string
	Nonce       string
	Verifier    string // of PKCE (RFC 7636)
	RedirectURI string
	Next        string // where to go afterwards
	Purpose     Purpose
	Ends        int64 // Unix time
}

// Purpose is why a person logs in at a provider.
type Purpose string

// The purposes. All but ToLogIn need a session.
const (
	ToLogIn   Purpose = ""
	ToLink    Purpose = "link"    // the person to the account of the session
	ToConfirm Purpose = "confirm" // that it is the owner, before a sensitive action
)

// ParsePurpose returns the purpose of that name, ToLogIn for others.
func ParsePurpose(text string) Purpose {
	if p := Purpose(text); p == ToLink || p == ToConfirm {
		return p
	}
	return ToLogIn
}

// Answered reports whether an answer is that to the flow.
func (f Flow) Answered(a Answer) bool {
	return f.State != "" && hmac.Equal([]byte(f.State), []byte(a.State))
}

// Answer is what a provider sends to the callback.
type Answer struct {
	Code   string
	State  string
	Issuer string // RFC 9207, "" without one
	Error  string // RFC 6749, section 4.1.2.1, "" for success
}

// NewFlow returns a flow with new random values, except Verifier.
func NewFlow(provider string, now time.Time) Flow {
	return Flow{Provider: provider, State: NewToken().Reveal(), Nonce: NewToken().Reveal(), Ends: now.Add(FlowLife).Unix()}
}

// Link is a person who may be linked to an account that confirms it.
type Link struct {
	Provider        string
	Issuer, Subject string
	Email           string // verified by the provider
	Next            string
	Ends            int64 // Unix time
}

// LogoutHint is what a logout at the provider of a session needs.
type LogoutHint struct {
	Provider string
	Token    string // the ID token, "" if it was too long
}

// SealFlow encrypts a flow for the browser, "" without a key.
func (k Keys) SealFlow(f Flow) string { return k.sealJSON(forFlows, f) }

// OpenFlow decrypts a text of SealFlow, unless the flow has ended.
func (k Keys) OpenFlow(text string, now time.Time) (f Flow, ok bool) {
	ok = k.openJSON(forFlows, text, &f)
	return f, ok && now.Unix() < f.Ends
}

// SealLink encrypts a link for the browser, "" without a key.
func (k Keys) SealLink(l Link) string { return k.sealJSON(forLinks, l) }

// OpenLink decrypts a text of SealLink, unless the link has ended.
func (k Keys) OpenLink(text string, now time.Time) (l Link, ok bool) {
	ok = k.openJSON(forLinks, text, &l)
	return l, ok && now.Unix() < l.Ends
}

// SealHint encrypts a hint for the browser, "" without a key.
func (k Keys) SealHint(h LogoutHint) string { return k.sealJSON(forHints, h) }

// OpenHint decrypts a text of SealHint.
func (k Keys) OpenHint(text string) (h LogoutHint, ok bool) {
	ok = k.openJSON(forHints, text, &h)
	return h, ok
}

func (k Keys) sealJSON(purpose string, value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	sealed, _ := k.seal(purpose, "", text) // "" without a key
	return sealed
}

func (k Keys) openJSON(purpose, text string, value any) bool {
	plain, _, err := k.open(purpose, "", text)
	return err == nil && json.Unmarshal(plain, value) == nil
}
