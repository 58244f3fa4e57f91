package auth

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/secret"
)

// How long links to set a password are valid.
const (
	ResetLife  = time.Hour          // for an account with a password
	InviteLife = 7 * 24 * time.Hour // for one without, which an administrator has invited
)

// The limits of mails with such a link: per e-mail address, per client address,
// and per invited account.
var (
	resetRate        = Rate{5, time.Hour}
	resetAddressRate = Rate{20, time.Hour}
	inviteRate       = Rate{5, time.Hour}
)

// maxSharing is how many accounts with one e-mail address get a mail at a time.
const maxSharing = 10

// ErrBadLink is returned for a link that has expired, or whose account has logged
// in, or changed its password or its e-mail address since.
var ErrBadLink = fault.New(fault.Invalid, "This link has expired or was already used. Request another one.")

// PasswordLinks lets the owners of accounts set a password by a link in a mail. The
// links are signed and need no table. It is safe for concurrent use.
type PasswordLinks struct {
	accounts *Accounts
	sessions *Sessions
}

// NewPasswordLinks returns the service.
func NewPasswordLinks(accounts *Accounts, sessions *Sessions) *PasswordLinks {
	return &PasswordLinks{accounts, sessions}
}

// PasswordMail is a mail to the owner of an account.
type PasswordMail struct {
	To       string // its address
	Username string
	Link     PasswordLink
	Invited  bool // the account has no password yet
}

// PasswordLink is the secret part of a link, in the form of Django's URLs. Anyone
// may have made it up.
type PasswordLink struct {
	UID   string // the id of the account, in base64
	Token string // the end in base 36, "-", and the signature
}

// Request returns the mails for a forgotten password: one for each active staff
// account with a password and that e-mail address, however written, up to ten. The
// caller must not show the difference. It returns Throttled after too many
// requests.
func (p *PasswordLinks) Request(ctx context.Context, email string, from access.Origin) (mails []PasswordMail, err error) {
	email = form.Lower(form.Strip(email))
	s := p.sessions
	wait, err := s.Failures.Take(ctx, s.Now(), Use{fmt.Sprintf("reset:%x", digestOf(email)), resetRate},
		Use{"reset-address:" + addressKey(addressOf(from)), resetAddressRate})
	if err := throttled(wait, err); err != nil {
		return nil, err
	}
	if len(email) > maxEmail*utf8Max {
		return nil, nil // no account's
	}
	found, err := s.store.ListAccountsOf(ctx, email, maxSharing)
	for _, a := range found {
		if a.mayLogIn() && a.HasPassword() && form.Lower(a.Email) == email {
			mails = append(mails, p.mail(a)...)
		}
	}
	return mails, err
}

func throttled(wait time.Duration, err error) error {
	if err == nil && wait > 0 {
		return &fault.Error{Kind: fault.Throttled, Message: "Too many requests. Please try again later.", RetryAfter: wait}
	}
	return err
}

// errNotInvitable is returned for an account that cannot get an invitation.
var errNotInvitable = fault.New(fault.Conflict, "Only active staff accounts without a password and with an e-mail address can be invited.")

// CanInvite reports whether an invitation makes sense: the account is active
// staff, and has an e-mail address and no password.
func (a Account) CanInvite() bool { return a.mayLogIn() && !a.HasPassword() && a.Email != "" }

// Invite returns the mail with which the owner of an account sets its first
// password, and records it. The actor must be allowed to change the account.
func (p *PasswordLinks) Invite(ctx context.Context, actor access.Actor, account int64) (invitation PasswordMail, err error) {
	if err := actor.Check(access.Accounts.Change()); err != nil {
		return invitation, err
	}
	s := p.sessions
	wait, err := s.Failures.Take(ctx, s.Now(), Use{"invite:" + strconv.FormatInt(account, 10), inviteRate})
	if err := throttled(wait, err); err != nil {
		return invitation, err
	}
	err = write(ctx, s.store, func(tx Tx) error {
		a, held, err := tx.FindAccount(account)
		if err == nil {
			err = CheckReach(actor, a, held)
		}
		if err != nil {
			return err
		}
		mails := p.mail(a)
		if !a.CanInvite() || len(mails) == 0 {
			return errNotInvitable
		}
		invitation = mails[0]
		d := deed{stamp(s.Now()), actor}
		return tx.Record(d.entry(audit.Update, a.Object(), []audit.Change{{Field: "invited", New: true}}))
	})
	return invitation, err
}

// mail returns the mail of an account, none without a key to sign it.
func (p *PasswordLinks) mail(a Account) []PasswordMail {
	life := ResetLife
	if !a.HasPassword() {
		life = InviteLife
	}
	ends := p.sessions.Now().Add(life).Unix()
	mac := p.sessions.Keys.sign(linkPurpose(a), signedLink(a, ends))
	if mac == "" {
		return nil
	}
	link := PasswordLink{
		UID:   base64.RawURLEncoding.EncodeToString(strconv.AppendInt(nil, a.ID, 10)),
		Token: strconv.FormatInt(ends, 36) + "-" + mac,
	}
	return []PasswordMail{{To: a.Email, Username: a.Username, Link: link, Invited: !a.HasPassword()}}
}

// linkPurpose is the purpose of the key that signs the links of an account.
func linkPurpose(a Account) string {
	if a.HasPassword() {
		return forResets
	}
	return forInvites
}

// signedLink is the text that a link's signature covers. Another password, login
// or e-mail address makes the link void, as in Django.
func signedLink(a Account, ends int64) string {
	return fmt.Sprintf("%d.%d.%d.%s.%s", a.ID, ends, a.LastLogin.UnixMicro(), markOf(a), a.Email)
}

// parsedLink is a well-formed link.
type parsedLink struct {
	account, ends int64
	mac           string
}

func (l PasswordLink) parse() (parsed parsedLink, ok bool) {
	id, err := base64.RawURLEncoding.Strict().DecodeString(l.UID)
	if err != nil {
		return parsed, false
	}
	until, mac, _ := strings.Cut(l.Token, "-")
	account, err := strconv.ParseInt(string(id), 10, 64)
	ends, err2 := strconv.ParseInt(until, 36, 64)
	return parsedLink{account, ends, mac}, err == nil && err2 == nil
}

// Owner returns the account of a link, or ErrBadLink.
func (p *PasswordLinks) Owner(ctx context.Context, l PasswordLink) (Account, error) {
	parsed, ok := l.parse()
	if !ok {
		return Account{}, ErrBadLink
	}
	a, _, err := p.sessions.store.FindAccount(ctx, parsed.account)
	return a, p.check(parsed, a, err)
}

// check returns nil if the link is valid for the account; err is that of finding it.
func (p *PasswordLinks) check(l parsedLink, a Account, err error) error {
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return ErrBadLink
	case err != nil:
		return err
	case l.ends <= p.sessions.Now().Unix() || !a.mayLogIn() || !p.sessions.Keys.signed(linkPurpose(a), signedLink(a, l.ends), l.mac):
		return ErrBadLink
	}
	return nil
}

// LinkedPassword is a new password from the page of a link.
type LinkedPassword struct {
	Link        PasswordLink
	Text, Again secret.Text
	Origin      access.Origin
	Device      string // as in LoginRequest
}

// Set sets the password of a link's account, which ends all its sessions, and
// forgets its failed logins. A second factor stays. It makes the browser known to
// the account and returns the browser's new text. It returns ErrBadLink, or an
// Invalid error with the field errors.
func (p *PasswordLinks) Set(ctx context.Context, n LinkedPassword) (device string, err error) {
	before, err := p.Owner(ctx, n.Link)
	if err != nil {
		return "", err
	}
	reason := "password reset by mail"
	if !before.HasPassword() {
		reason = "invitation accepted"
	}
	actor := actorOf(before, nil).From(n.Origin).By(access.Credential{Kind: access.MailLink}).Because(reason)
	if err := p.accounts.passwordFaults(NewPassword{Text: n.Text, Again: &n.Again}, before).Err(); err != nil {
		return "", err
	}
	hash, err := p.accounts.hash(ctx, actor, n.Text, false)
	if err != nil {
		return "", err
	}
	link, _ := n.Link.parse()
	var after Account
	err = write(ctx, p.sessions.store, func(tx Tx) error {
		found, held, err := tx.FindAccount(before.ID)
		if err := p.check(link, found, err); err != nil {
			return err
		}
		after = found
		after.Password = hash
		e := edit{tx: tx, deed: deed{stamp(p.sessions.Now()), actor}, before: found, after: after, held: held}
		_, err = tx.DropCounter(accountKey(found.Username))
		return firstError(err, e.savePassword(0))
	})
	if err != nil {
		return "", err
	}
	p.sessions.Log.InfoContext(ctx, "password set by a link", "id", after.ID)
	return p.sessions.remember(n.Device, after), nil
}
