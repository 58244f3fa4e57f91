package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"roster/internal/auth/passkey"
	"roster/internal/fault"
)

// errStale is returned for a challenge that has expired, was answered before, or
// belongs to another browser.
var errStale = fault.New(fault.Invalid, "This took too long or was already used. Try again.")

// challenge is what a passkey signs. It is not stored: the browser returns its
// text, which SECRET_KEY signs together with the browser, and whose signature is
// the challenge itself.
type challenge struct {
	ends   int64  // Unix time
	nonce  string // of 130 random bits
	handle string // of a registration, in base64url
	mac    string
}

// String returns the text for the form.
func (c challenge) String() string {
	return strings.Join([]string{strconv.FormatInt(c.ends, 10), c.nonce, c.handle, c.mac}, ".")
}

// signedText is what mac signs: browser is the cookie or the session to which
// the challenge belongs.
func (c challenge) signedText(browser string) string {
	return strings.Join([]string{strconv.FormatInt(c.ends, 10), c.nonce, c.handle, browser}, ".")
}

// newChallenge returns a challenge for a browser, with an empty mac if there is
// no SECRET_KEY.
func (p *Passkeys) newChallenge(browser string, handle []byte) challenge {
	c := challenge{ends: p.Now().Add(passkey.Life).Unix(), nonce: rand.Text(), handle: base64.RawURLEncoding.EncodeToString(handle)}
	c.mac = p.Keys.sign(forPasskeys, c.signedText(browser))
	return c
}

// parseChallenge returns the challenge of a form, or errStale.
func (p *Passkeys) parseChallenge(text, browser string) (challenge, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 || browser == "" {
		return challenge{}, errStale
	}
	ends, err := strconv.ParseInt(parts[0], 10, 64)
	c := challenge{ends, parts[1], parts[2], parts[3]}
	if err != nil || ends <= p.Now().Unix() || !p.Keys.signed(forPasskeys, c.signedText(browser), c.mac) {
		return challenge{}, errStale
	}
	return c, nil
}

// spend uses a challenge up, or returns errStale if it was.
func (p *Passkeys) spend(ctx context.Context, c challenge) error {
	wait, err := p.Failures.Take(ctx, stamp(p.Now()), Use{"passkey:" + c.mac, Rate{1, passkey.Life + time.Second}})
	if err == nil && wait > 0 {
		err = errStale
	}
	return err
}
