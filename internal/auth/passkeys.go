package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth/passkey"
	"roster/internal/auth/totp"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/secret"
)

// Passkey is a passkey of an account. It is a second factor, and with a
// verified owner the only one.
type Passkey struct {
	ID         int64
	Account    int64
	Site       string // the domain that it is bound to
	Name       string // given by the owner, 1 to 100 code points
	CreatedAt  time.Time
	UsedAt     time.Time // zero: never
	Credential passkey.Credential
}

// MaxPasskeys is the number of passkeys that an account may have.
const MaxPasskeys = 20

const (
	maxPasskeyName = 100 // code points
	handleSize     = 32  // bytes
)

// Passkeys manages the passkeys of accounts, and logs in with them. Every change
// and login writes an entry to the audit trail. It is safe for concurrent use.
type Passkeys struct {
	*Sessions
}

// NewPasskeys returns the service with the options of the sessions, whose Keys
// sign challenges.
func NewPasskeys(s *Sessions) *Passkeys { return &Passkeys{s} }

// PasskeyOffer asks a browser for a passkey.
type PasskeyOffer struct {
	Options   string // for navigator.credentials, as JSON
	Challenge string // to be returned with the answer
}

// PasskeyAnswer is a browser's answer to a PasskeyOffer.
type PasskeyAnswer struct {
	Site       passkey.Site
	Challenge  string // of the offer
	Credential string // JSON of the PublicKeyCredential
}

// ListOwn returns the passkeys of the session's account, oldest first.
func (p *Passkeys) ListOwn(ctx context.Context, in SignedIn) ([]Passkey, error) {
	if in.Session.NeedsCode {
		return nil, errNoSession
	}
	return p.store.ListPasskeys(ctx, in.Account.ID)
}

// OfferNew asks for a new passkey of the session's account.
func (p *Passkeys) OfferNew(ctx context.Context, in SignedIn, site passkey.Site) (PasskeyOffer, error) {
	if err := in.mayChangeFactors(p.Now()); err != nil {
		return PasskeyOffer{}, err
	}
	own, err := p.store.ListPasskeys(ctx, in.Account.ID)
	if err != nil {
		return PasskeyOffer{}, err
	}
	if len(own) >= MaxPasskeys {
		return PasskeyOffer{}, errTooManyPasskeys
	}
	// One handle per account and site: authenticators replace a passkey of the same handle.
	handle := make([]byte, handleSize)
	_, _ = rand.Read(handle) // documented never to fail
	here := credentialsAt(site, own)
	if len(here) > 0 {
		handle = here[0].Handle
	}
	c := p.newChallenge(in.browser(), handle)
	options, err := site.Creation(passkey.User{Handle: handle, Name: in.Account.Username}, here, c.mac)
	return PasskeyOffer{options, c.String()}, err
}

var (
	errTooManyPasskeys = fault.New(fault.Conflict, "This account has 20 passkeys, the maximum. Remove one first.")
	errPasskeyExists   = fault.New(fault.Conflict, "This passkey is already registered.")
	errNotRegistered   = fault.New(fault.Invalid, "This passkey could not be verified. Try again.")
	errNoPasskey       = fault.New(fault.NotFound, "This passkey does not exist.")
)

// credentialsAt returns the credentials of a site.
func credentialsAt(site passkey.Site, all []Passkey) (here []passkey.Credential) {
	for _, k := range all {
		if k.Site == site.ID {
			here = append(here, k.Credential)
		}
	}
	return here
}

// NewPasskey is a new passkey of an account.
type NewPasskey struct {
	PasskeyAnswer

	Name   string
	Origin access.Origin
}

// Add adds the passkey of an answer to OfferNew. If it is the first factor of
// the account, Add returns recovery codes, which are shown once.
func (p *Passkeys) Add(ctx context.Context, in SignedIn, n NewPasskey) (codes []secret.Text, err error) {
	if err := in.mayChangeFactors(p.Now()); err != nil {
		return nil, err
	}
	k := Passkey{Account: in.Account.ID, Site: n.Site.ID, CreatedAt: stamp(p.Now())}
	if k.Name, err = passkeyName(n.Name); err != nil {
		return nil, err
	}
	c, err := p.parseChallenge(n.Challenge, in.browser())
	if err == nil {
		err = p.spend(ctx, c)
	}
	if err != nil {
		return nil, err
	}
	handle, err := base64.RawURLEncoding.DecodeString(c.handle)
	if err == nil {
		k.Credential, err = n.Site.Register(passkey.User{Handle: handle, Name: in.Account.Username}, c.mac, n.Credential)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotRegistered, err)
	}
	err = write(ctx, p.store, func(tx Tx) (err error) {
		codes, err = p.insert(tx, k, in.actor(n.Origin))
		return err
	})
	if err != nil {
		return nil, err
	}
	p.Log.InfoContext(ctx, "passkey added", "id", in.Account.ID)
	return codes, nil
}

// insert stores a passkey, and recovery codes if it is the first factor.
func (p *Passkeys) insert(tx Tx, k Passkey, actor access.Actor) ([]secret.Text, error) {
	a, _, err := tx.FindAccount(k.Account) // which orders concurrent calls
	if err != nil {
		return nil, err
	}
	own, err := tx.ListPasskeys(a.ID)
	if err != nil {
		return nil, err
	}
	if len(own) >= MaxPasskeys {
		return nil, errTooManyPasskeys
	}
	if _, err := tx.FindPasskey(k.Credential.ID); fault.KindOf(err) != fault.NotFound {
		return nil, firstError(err, errPasskeyExists)
	}
	factor, err := findFactor(tx, a.ID)
	if err != nil {
		return nil, err
	}
	var codes []secret.Text
	if len(own) == 0 && !factor.Confirmed {
		codes, factor.Recovery = totp.NewRecoveryCodes()
		if err := tx.SaveFactor(a.ID, factor); err != nil {
			return nil, err
		}
	}
	return codes, firstError(tx.InsertPasskey(k), tx.Record(passkeyEntry(p.deed(actor), a, nil, k.Name)))
}

// passkeyEntry records the name of a passkey that is added, renamed or removed.
func passkeyEntry(d deed, a Account, was, is any) audit.Entry {
	return d.entry(audit.Update, a.Object(), []audit.Change{passkeyChange(was, is)})
}

func passkeyChange(was, is any) audit.Change {
	return audit.Change{Field: "passkey", Old: was, New: is}
}

func (p *Passkeys) deed(actor access.Actor) deed { return deed{stamp(p.Now()), actor} }

// passkeyName returns a name as it is stored, "Passkey" for an empty one.
func passkeyName(given string) (string, error) {
	name := form.Strip(given)
	if name == "" {
		name = "Passkey"
	}
	if faults := badText(name, maxPasskeyName); len(faults) > 0 || !utf8.ValidString(name) {
		return "", fault.New(fault.Invalid, "Name: "+faults[0])
	}
	return name, nil
}

// Rename renames a passkey of the session's account.
func (p *Passkeys) Rename(ctx context.Context, in SignedIn, id int64, name string, from access.Origin) error {
	name, err := passkeyName(name)
	if err != nil {
		return err
	}
	return p.change(ctx, in, id, func(tx Tx, own []Passkey, i int) error {
		k := own[i]
		was := k.Name
		if k.Name = name; was == name {
			return nil
		}
		return firstError(tx.UpdatePasskey(k), tx.Record(passkeyEntry(p.deed(in.actor(from)), in.Account, was, name)))
	})
}

// Remove removes a passkey of the session's account, unless it is the only way in.
// With the last factor, the recovery codes are removed.
func (p *Passkeys) Remove(ctx context.Context, in SignedIn, id int64, ways WaysIn, from access.Origin) error {
	return p.change(ctx, in, id, func(tx Tx, own []Passkey, i int) error {
		removed, rest := own[i], slices.Delete(slices.Clone(own), i, i+1)
		if removed.Site == ways.Site {
			if err := checkRemoval(tx, in.Account.ID, rest, ways); err != nil {
				return err
			}
		}
		factor, err := findFactor(tx, in.Account.ID)
		if err == nil && len(rest) == 0 && !factor.Confirmed {
			err = tx.DeleteFactor(in.Account.ID)
		}
		return firstError(err, tx.DeletePasskey(id), tx.Record(passkeyEntry(p.deed(in.actor(from)), in.Account, removed.Name, nil)))
	})
}

// checkRemoval returns why the owner of an account may not keep only these passkeys.
func checkRemoval(tx Tx, account int64, rest []Passkey, ways WaysIn) error {
	a, _, err := tx.FindAccount(account)
	if err != nil {
		return err
	}
	identities, err := tx.ListIdentities(account)
	return firstError(err, ways.checkLast(a, identities, rest))
}

// change runs fn on the passkeys of the session's account, and the position of
// one of them.
func (p *Passkeys) change(ctx context.Context, in SignedIn, id int64, fn func(tx Tx, own []Passkey, i int) error) error {
	if err := in.mayChangeFactors(p.Now()); err != nil {
		return err
	}
	return write(ctx, p.store, func(tx Tx) error {
		if _, _, err := tx.FindAccount(in.Account.ID); err != nil { // which orders concurrent calls
			return err
		}
		own, err := tx.ListPasskeys(in.Account.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(own, func(k Passkey) bool { return k.ID == id })
		if i < 0 {
			return errNoPasskey
		}
		return fn(tx, own, i)
	})
}
