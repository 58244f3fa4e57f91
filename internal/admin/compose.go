package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/httpkit"
	"roster/internal/httpkit/pagination"
	"roster/internal/job"
	"roster/internal/phrase"
	"roster/internal/user"
)

// ComposePath is the page that writes and starts a mailing.
const ComposePath = "/admin/mail/compose/"

// Composer renders, tests and starts mailings. It is safe for concurrent use, and
// its errors are of package fault.
type Composer interface {
	// Recipients returns how many users get a mailing now, and up to limit of them.
	// It requires the permissions to view users and to mail them.
	Recipients(ctx context.Context, actor access.Actor, m job.BulkArgs, limit int) (int64, []user.User, error)
	// Render returns the message to a user as text and HTML, "" for none.
	Render(to user.User, m job.BulkArgs) (text, html string, err error)
	// SendTest sends the message to a user to another address, without their link
	// to unsubscribe. It requires the permission to mail users.
	SendTest(ctx context.Context, actor access.Actor, address string, to user.User, m job.BulkArgs) error
	// Start starts a mailing at a time, the zero time for now, and returns its id. A
	// key starts one only once; started is false afterwards.
	Start(ctx context.Context, actor access.Actor, key string, m job.BulkArgs, at time.Time) (id int64, started bool, err error)
}

const (
	// sampleSize is the number of recipients that the page names.
	sampleSize = 10
	// maxSubjectLength is the maximum length of a subject, in code points.
	maxSubjectLength = 200
	// maxAhead is how far ahead a mailing may start.
	maxAhead = 365 * 24 * time.Hour
)

// composeView is the data of the page.
type composeView struct {
	Filter, Active, Subject, Message, Rate, At string // as entered

	Zone    string // of At
	Own     string // the address of the visitor's account, "" for none
	Faults  map[string][]string
	Failure string // of a test, a sentence
	Tested  string // the address that a test was sent to

	Known   bool   // the audience is valid
	Count   string // of its users
	Sample  []sampleView
	Many    bool // there are more than the sample
	Preview *previewView
	Confirm *confirmView
}

// sampleView is a recipient.
type sampleView struct{ Name, Address, URL string }

// previewView is the message to one recipient.
type previewView struct {
	To, Text string
	HTML     bool
}

// confirmView is the question before a mailing starts.
type confirmView struct{ Count, When, Rate, Audience, Key string }

// draft is a valid mailing, as far as it was entered.
type draft struct {
	args  job.BulkArgs
	at    time.Time
	count int64
	first user.User // a recipient, or an example
}

// showCompose shows the form. The URL may fill it in.
func (a *Admin) showCompose(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	v, d, err := a.readCompose(r, in, r.URL.Query())
	if err != nil {
		return err
	}
	v.forgive("subject", "message")
	return a.renderCompose(w, r, http.StatusOK, v, d)
}

// compose previews the mailing of the form, sends a test of it, asks before it is
// started, or starts it, by the button that was pressed.
func (a *Admin) compose(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	v, d, err := a.readCompose(r, in, r.PostForm)
	if err != nil {
		return err
	}
	action, status := r.PostFormValue("action"), http.StatusOK
	switch {
	case len(v.Faults) > 0:
		status = http.StatusUnprocessableEntity
	case action == "html":
		return a.showHTML(w, d)
	case action == "test":
		if err := a.sendTest(r, in, d, &v); err != nil {
			return err
		}
	case action == "send":
		return a.startMailing(w, r, d)
	case action == "confirm" && d.count == 0:
		v.Faults = map[string][]string{"filter": {"No user matches."}}
		status = http.StatusUnprocessableEntity
	case action == "confirm":
		v.Confirm = a.question(d)
	}
	return a.renderCompose(w, r, status, v, d)
}

// readCompose reads the form, and finds the audience. It requires the permissions to
// mail users and to view them.
func (a *Admin) readCompose(r *http.Request, in auth.SignedIn, values url.Values) (v composeView, d draft, err error) {
	for _, p := range []access.Permission{access.MailUser, access.ViewUser} {
		if err := a.Keeper.Actor(r).Check(p); err != nil {
			return v, d, err
		}
	}
	v = composeView{
		Filter: strings.TrimSpace(values.Get("filter")), Active: values.Get("active"), Subject: strings.TrimSpace(values.Get("subject")),
		Message: strings.ReplaceAll(values.Get("message"), "\r\n", "\n"), Rate: strings.TrimSpace(values.Get("rate")), At: values.Get("at"),
		Zone: a.Zone.String(), Own: in.Account.Email,
	}
	v.Faults = map[string][]string{}
	d = draft{first: user.User{Username: "example", Email: "example@example.com"}}
	v.readMessage(&d)
	v.readTiming(&d, a.Now(), a.Zone)
	active := v.Active != "0"
	d.args.Filter = &job.BulkFilter{Filter: v.Filter, IsActive: &active}
	if _, messages := user.ParseFilter(v.Filter); v.Filter != "" && messages != nil {
		v.Faults["filter"] = messages
		return v, d, nil
	}
	var sample []user.User
	d.count, sample, err = a.Composer.Recipients(r.Context(), a.Keeper.Actor(r), d.args, sampleSize)
	v.Known, v.Count, v.Many = true, numberOf(d.count), d.count > sampleSize
	for i, u := range sample {
		if i == 0 {
			d.first = u
		}
		v.Sample = append(v.Sample, sampleView{u.Username, u.Email, fmt.Sprintf("/admin/users/tuser/%d/change/", u.ID)})
	}
	return v, d, err
}

// readMessage checks the message.
func (v *composeView) readMessage(d *draft) {
	switch {
	case v.Subject == "":
		v.Faults["subject"] = []string{"Enter a subject."}
	case form.Length(v.Subject) > maxSubjectLength:
		v.Faults["subject"] = []string{fmt.Sprintf("The subject may have at most %d characters.", maxSubjectLength)}
	case strings.ContainsFunc(v.Subject, func(r rune) bool { return r < ' ' }):
		v.Faults["subject"] = []string{"The subject must be one line."}
	}
	if strings.TrimSpace(v.Message) == "" {
		v.Faults["message"] = []string{"Enter a text."}
	}
	d.args.Subject, d.args.Message = v.Subject, v.Message
}

// readTiming checks the rate and the start.
func (v *composeView) readTiming(d *draft, now time.Time, zone *time.Location) {
	if v.Rate != "" {
		n, err := strconv.ParseUint(v.Rate, 10, 31)
		if err != nil || n > 60_000 {
			v.Faults["rate"] = []string{"The rate must be a number from 0 to 60000."}
		}
		d.args.Rate = int(n)
	}
	if v.At == "" {
		return
	}
	at, ok := form.ParseTime(v.At, zone)
	switch {
	case !ok:
		v.Faults["at"] = []string{"The start must be a time such as 2027-01-31T13:45."}
	case !at.After(now):
		v.Faults["at"] = []string{"The start must be in the future. Leave it empty to start now."}
	case at.After(now.Add(maxAhead)):
		v.Faults["at"] = []string{"The start must be within a year."}
	}
	d.at = at
}

// forgive removes the faults of fields that are empty in a new form.
func (v *composeView) forgive(fields ...string) {
	for _, f := range fields {
		delete(v.Faults, f)
	}
}

// renderCompose answers with the form, and a preview of a message that has a text.
func (a *Admin) renderCompose(w http.ResponseWriter, r *http.Request, status int, v composeView, d draft) error {
	if v.Confirm == nil && strings.TrimSpace(v.Message) != "" && v.Faults["subject"] == nil && v.Known {
		text, html, err := a.Composer.Render(d.first, d.args)
		if err != nil {
			return err
		}
		v.Preview = &previewView{To: d.first.Email, Text: text, HTML: html != ""}
	}
	return a.render(w, r, status, "admin-compose", v)
}

// htmlPolicy is the Content-Security-Policy of the HTML of a message: it runs and
// loads nothing. Mail clients need styles in the document.
const htmlPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox"

// showHTML answers with the HTML of the message, for a frame of the page.
func (a *Admin) showHTML(w http.ResponseWriter, d draft) error {
	_, html, err := a.Composer.Render(d.first, d.args)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", htmlPolicy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Cache-Control", "no-store")
	_, err = w.Write([]byte(html))
	return err
}

// sendTest sends the message of a recipient to the visitor's own address.
func (a *Admin) sendTest(r *http.Request, in auth.SignedIn, d draft, v *composeView) error {
	if in.Account.Email == "" {
		v.Failure = "Your account has no e-mail address."
		return nil
	}
	err := a.Composer.SendTest(r.Context(), a.Keeper.Actor(r), in.Account.Email, d.first, d.args)
	if fault.KindOf(err) == fault.Denied {
		return err
	}
	if err != nil {
		v.Failure = "The test was not sent: " + err.Error()
		return nil //nolint:nilerr // the page shows it
	}
	v.Tested = in.Account.Email
	return nil
}

// question returns what is asked before a mailing starts.
func (a *Admin) question(d draft) *confirmView {
	q := &confirmView{Count: numberOf(d.count), When: "now", Rate: "as fast as the server accepts them", Key: rand.Text(), Audience: "active users"}
	if !*d.args.Filter.IsActive {
		q.Audience = "inactive users"
	}
	if d.args.Filter.Filter != "" {
		q.Audience += " with " + d.args.Filter.Filter
	}
	if !d.at.IsZero() {
		q.When = "at " + d.at.In(a.Zone).Format(httpkit.TimeLayout) + " " + a.Zone.String()
	}
	if d.args.Rate > 0 {
		q.Rate = phrase.Count(d.args.Rate, "message") + " per minute"
	}
	return q
}

// numberOf formats a number of users.
func numberOf(n int64) string { return pagination.Grouped(n) + " " + phrase.Noun(n, "user") }

// startMailing starts the mailing, once per form, and redirects to its page.
func (a *Admin) startMailing(w http.ResponseWriter, r *http.Request, d draft) error {
	key := r.PostFormValue("key")
	if len(key) < 20 || len(key) > 64 {
		return fault.New(fault.Invalid, "The form could not be read.")
	}
	id, started, err := a.Composer.Start(r.Context(), a.Keeper.Actor(r), key, d.args, d.at)
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.Invalid {
		return fault.New(fault.Invalid, "The mailing could not be started: "+messageOf(err))
	}
	if err != nil {
		return err
	}
	const list = "/admin/mail/mailing/"
	if !started {
		return httpkit.Redirect(w, http.StatusSeeOther, list)
	}
	return httpkit.Redirect(w, http.StatusSeeOther, list+strconv.FormatInt(id, 10)+"/change/")
}
