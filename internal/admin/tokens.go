package admin

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/lang"
)

const tokensPath = "/admin/tokens/"

// tokensView is the data of the page.
type tokensView struct {
	Account int64
	Owner   string // the username of another account, "" for the visitor's own
	Lines   []tokenView
	Scopes  []scopeView
	Lives   []lifeView
	Zone    string // of the times

	Name   string // as entered
	Faults []string

	Created string // the name of the new token, "" for none
	Text    string // the new token, shown only once
	Curl    string // a command that uses it
}

// tokenView is a row of the list.
type tokenView struct {
	auth.APIToken

	Since, Expires, Used moment // the zero moment: never
	Over                 bool   // it has expired
}

// scopeView is a checkbox.
type scopeView struct {
	Name, Label string
	Checked     bool
}

// lifeView is a choice of a lifetime.
type lifeView struct {
	Days    int // 0: never
	Label   string
	Checked bool
}

// lives are the lifetimes that the form offers.
var lives = []lifeView{{Days: 7, Label: "7 days"}, {Days: 30, Label: "30 days"}, {Days: 90, Label: "90 days"}, {Days: 365, Label: "1 year"}, {Label: "Never"}}

// defaultLife is the lifetime that the form selects, in days.
const defaultLife = int(auth.TokenLife / (24 * time.Hour))

// showTokens lists the API tokens of the visitor's account, or of another one.
func (a *Admin) showTokens(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	v, err := a.newTokensView(r, in, r.URL.Query().Get("account"))
	if err != nil {
		return err
	}
	return a.renderTokens(w, r, http.StatusOK, v)
}

// newTokensView returns the page of an account; "" stands for the visitor's own.
func (a *Admin) newTokensView(r *http.Request, in auth.SignedIn, account string) (v tokensView, err error) {
	v = tokensView{Account: in.Account.ID, Zone: a.Zone.String()}
	if account == "" || account == strconv.FormatInt(in.Account.ID, 10) {
		return v, nil
	}
	if v.Account, err = strconv.ParseInt(account, 10, 64); err != nil {
		return v, fault.New(fault.NotFound, "Not found.")
	}
	owner, _, err := a.Accounts.Find(r.Context(), a.Keeper.Actor(r), v.Account)
	v.Owner = owner.Username
	return v, err
}

func (a *Admin) renderTokens(w http.ResponseWriter, r *http.Request, status int, v tokensView) error {
	found, err := a.Tokens.List(r.Context(), a.Keeper.Actor(r), v.Account)
	if err != nil {
		return err
	}
	l := lang.From(r.Context())
	for _, t := range found {
		v.Lines = append(v.Lines, tokenView{t, a.moment(l, t.CreatedAt), a.momentOrNone(l, t.ExpiresAt), a.momentOrNone(l, t.UsedAt), t.Expired(a.Now())})
	}
	chosen := r.PostForm["scope"]
	for _, s := range auth.AllScopes() {
		v.Scopes = append(v.Scopes, scopeView{string(s), s.Label(), v.Created == "" && slices.Contains(chosen, string(s))})
	}
	days := strconv.Itoa(defaultLife)
	if entered := r.PostFormValue("days"); entered != "" && v.Created == "" {
		days = entered
	}
	for _, life := range lives {
		life.Checked, life.Label = strconv.Itoa(life.Days) == days, l.T(life.Label)
		v.Lives = append(v.Lives, life)
	}
	return a.render(w, r, status, "admin-tokens", v)
}

func (a *Admin) momentOrNone(l *lang.Language, t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	return a.moment(l, t)
}

// changeTokens creates a token, or rotates or revokes the one that the form names.
func (a *Admin) changeTokens(w http.ResponseWriter, r *http.Request, in auth.SignedIn) error {
	v, err := a.newTokensView(r, in, r.PostFormValue("account"))
	if err != nil {
		return err
	}
	actor := a.Keeper.Actor(r)
	id, _ := strconv.ParseInt(r.PostFormValue("token"), 10, 64) // 0 is NotFound
	switch r.PostFormValue("action") {
	case "create":
		return a.createToken(w, r, actor, v)
	case "rotate":
		t, text, err := a.Tokens.Rotate(r.Context(), actor, id, 24*time.Hour)
		if err != nil {
			return err
		}
		return a.showCreated(w, r, v, t, text.Reveal())
	case "revoke":
		if err := a.Tokens.Revoke(r.Context(), actor, id); err != nil {
			return err
		}
	}
	return redirect(w, v.address(in))
}

// address is the page of the account.
func (v tokensView) address(in auth.SignedIn) string {
	if v.Account == in.Account.ID {
		return tokensPath
	}
	return tokensPath + "?" + url.Values{"account": {strconv.FormatInt(v.Account, 10)}}.Encode()
}

func (a *Admin) createToken(w http.ResponseWriter, r *http.Request, actor access.Actor, v tokensView) error {
	v.Name = r.PostFormValue("name")
	n := auth.NewAPIToken{Name: v.Name, Life: -1} // invalid, unless the form has days
	if days, err := strconv.ParseUint(r.PostFormValue("days"), 10, 16); err == nil {
		n.Life = time.Duration(days) * 24 * time.Hour
	}
	for _, s := range r.PostForm["scope"] {
		n.Scopes = append(n.Scopes, auth.Scope(s))
	}
	t, text, err := a.Tokens.Create(r.Context(), actor, v.Account, n)
	if shown, ok := errors.AsType[*fault.Error](err); ok && (shown.Kind == fault.Invalid || shown.Kind == fault.Conflict) {
		v.Faults = messagesOf(shown)
		return a.renderTokens(w, r, httpkit.StatusOf(err), v)
	}
	if err != nil {
		return err
	}
	return a.showCreated(w, r, v, t, text.Reveal())
}

// messagesOf returns the messages of an error, with the labels of the form.
func messagesOf(err *fault.Error) (messages []string) {
	labels := map[string]string{"name": "Name", "scopes": "Permissions", "expires_in_days": "Expires"}
	for _, f := range err.Fields {
		for _, m := range f.Messages {
			messages = append(messages, labels[f.Name]+": "+m)
		}
	}
	if len(messages) == 0 {
		messages = []string{err.Message}
	}
	return messages
}

// showCreated shows a new token, this once, with a command to try it.
func (a *Admin) showCreated(w http.ResponseWriter, r *http.Request, v tokensView, t auth.APIToken, text string) error {
	info := httpkit.RequestOf(r)
	v.Name, v.Created, v.Text = "", t.Name, text
	v.Curl = "curl " + info.Base() + `/api/users/ -H "Authorization: Bearer ` + text + `"`
	return a.renderTokens(w, r, http.StatusOK, v)
}
