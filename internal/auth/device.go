package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A browser that has logged in to an account is known: it keeps a signed text
// that strangers cannot make, so that their failures do not lock it out (OWASP,
// "Slow Down Online Guessing Attacks with Device Cookies").
const (
	// DeviceLife is how long a browser is known after its last login.
	DeviceLife = 180 * 24 * time.Hour
	// maxDevices is the number of accounts that one browser is known to.
	maxDevices = 5
	// maxDeviceText is the maximum length of the text, in bytes.
	maxDeviceText = maxDevices * 128
)

// device says that a browser has logged in to an account. It is void once the
// password changes.
type device struct {
	account int64
	ends    int64 // Unix time
	id      string
	mac     string
}

// String returns the device as a part of the browser's text.
func (d device) String() string {
	return strings.Join([]string{strconv.FormatInt(d.account, 10), strconv.FormatInt(d.ends, 10), d.id, d.mac}, ".")
}

// signedText is what mac signs.
func (d device) signedText(a Account) string {
	return fmt.Sprintf("%d.%d.%s.%s", d.account, d.ends, d.id, markOf(a))
}

// key is the counter of the device's failed logins.
func (d device) key() string {
	sum := sha256.Sum256([]byte(d.id))
	return fmt.Sprintf("device:%d:%s", d.account, hex.EncodeToString(sum[:16]))
}

// parseDevices returns the well-formed devices of a browser's text, which may be
// anything. They are not verified.
func parseDevices(text string) (found []device) {
	if len(text) > maxDeviceText {
		return nil
	}
	for item := range strings.SplitSeq(text, "~") {
		parts := strings.Split(item, ".")
		if len(parts) != 4 {
			continue
		}
		account, err := strconv.ParseInt(parts[0], 10, 64)
		ends, err2 := strconv.ParseInt(parts[1], 10, 64)
		if err == nil && err2 == nil {
			found = append(found, device{account, ends, parts[2], parts[3]})
		}
	}
	return found
}

// knownDevice returns the device of the browser with that text, if it is known
// to the account.
func (s *Sessions) knownDevice(text string, a Account) (d device, ok bool) {
	for _, d := range parseDevices(text) {
		if d.account == a.ID && a.ID != 0 && d.ends > s.Now().Unix() && s.Keys.signed(forDevices, d.signedText(a), d.mac) {
			return d, true
		}
	}
	return device{}, false
}

// remember returns the new text of a browser that has proved to belong to the
// account's owner. Entries of other accounts stay, the latest first.
func (s *Sessions) remember(text string, a Account) string {
	d, ok := s.knownDevice(text, a)
	if !ok {
		d = device{account: a.ID, id: rand.Text()}
	}
	d.ends = s.Now().Add(DeviceLife).Unix()
	if d.mac = s.Keys.sign(forDevices, d.signedText(a)); d.mac == "" {
		return ""
	}
	parts := []string{d.String()}
	for _, other := range parseDevices(text) {
		if other.account != a.ID && len(parts) < maxDevices {
			parts = append(parts, other.String())
		}
	}
	return strings.Join(parts, "~")
}

// Remember returns the new text of the browser of a session, whose account may
// have another password since the login.
func (s *Sessions) Remember(ctx context.Context, text string, in SignedIn) (string, error) {
	a, _, err := s.store.FindAccount(ctx, in.Account.ID)
	if err != nil {
		return "", err
	}
	return s.remember(text, a), nil
}
