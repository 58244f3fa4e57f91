package api

import (
	"encoding/json"
	"net/http"
	"time"

	"roster/internal/access"
	"roster/internal/api/decode"
	"roster/internal/api/work"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/httpkit"
	"roster/internal/secret"
)

// tokenAnswer is an API token as it is answered.
type tokenAnswer struct {
	ID        int64        `json:"id"`
	Name      string       `json:"name"`
	Token     *string      `json:"token"` // once, when it is created
	Hint      string       `json:"hint"`
	Scopes    []auth.Scope `json:"scopes"`
	CreatedAt work.Time    `json:"created_at"`
	ExpiresAt work.Time    `json:"expires_at"`
	UsedAt    work.Time    `json:"used_at"`
	UsedFrom  *string      `json:"used_from"`
}

func newTokenAnswer(t auth.APIToken, text secret.Text) tokenAnswer {
	a := tokenAnswer{
		ID: t.ID, Name: t.Name, Hint: t.Hint, Scopes: append([]auth.Scope{}, t.Scopes...),
		CreatedAt: work.Time(t.CreatedAt), ExpiresAt: work.Time(t.ExpiresAt), UsedAt: work.Time(t.UsedAt),
	}
	if shown := text.Reveal(); shown != "" {
		a.Token = &shown
	}
	if t.UsedFrom != "" {
		a.UsedFrom = &t.UsedFrom
	}
	return a
}

// tokenInput is a token that is to be created or rotated.
type tokenInput struct {
	name    string
	scopes  string // JSON
	days    *int
	overlap int64 // hours
}

// tokenFields are the fields of a token that is to be created.
var tokenFields = form.Table[tokenInput]{
	{Field: form.Field{Name: "name", Label: "Name", Type: form.TypeString, Required: true, MaxLength: 100, Example: "nightly export"},
		At: func(in *tokenInput) any { return &in.name }},
	{Field: form.Field{Name: "scopes", Label: "Scopes", Type: form.TypeJSON, Example: []string{"users:read"}},
		At: func(in *tokenInput) any { return &in.scopes }},
	{Field: form.Field{Name: "expires_in_days", Label: "Expires in days", Type: form.TypeInteger, Nullable: true, Example: 90},
		At: func(in *tokenInput) any { return &in.days }},
}

// rotateFields are the fields of a rotation.
var rotateFields = form.Table[tokenInput]{
	{Field: form.Field{Name: "overlap_hours", Label: "Overlap in hours", Type: form.TypeInteger, Example: 24},
		At: func(in *tokenInput) any { return &in.overlap }},
}

// tokenBody reads the body of a request on tokens.
func tokenBody(r *http.Request) (form.Input, error) {
	body, err := httpkit.ReadBody(r)
	if err != nil {
		return nil, err
	}
	return readToken(r.Header.Get("Content-Type"), body, form.Partial)
}

func readToken(contentType, body string, _ form.Mode) (form.Input, error) {
	known := func(name string) bool { return tokenFields.Find(name) != nil || rotateFields.Find(name) != nil }
	return decode.Body(contentType, body, decode.Options{Mode: form.Partial, Keep: known, Nested: true})
}

// newToken returns the token that an input describes.
func (in tokenInput) newToken() (auth.NewAPIToken, error) {
	n := auth.NewAPIToken{Name: in.name}
	if in.days != nil {
		n.Life = time.Duration(min(*in.days, auth.MaxTokenDays+1)) * 24 * time.Hour
		if *in.days < 1 {
			n.Life = -1 // invalid; 0 stands for a token that does not expire
		}
	}
	if in.scopes == "" {
		return n, nil
	}
	if err := json.Unmarshal([]byte(in.scopes), &n.Scopes); err != nil {
		var faults fault.Fields
		faults.Add("scopes", `Expected a list of scopes, such as ["users:read"].`)
		return n, faults.Err()
	}
	return n, nil
}

// defaultTokenDays is the lifetime of a token when the input has none.
const defaultTokenDays = int(auth.TokenLife / (24 * time.Hour))

// listTokens answers GET /api/tokens/ with the tokens of the sender's account.
func (a *API) listTokens(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	tokens, err := a.Tokens.List(r.Context(), actor, actor.ID())
	if err != nil {
		return err
	}
	total := int64(len(tokens))
	return a.respondPage(w, r, total, func(offset int64) ([]byte, error) {
		results := []tokenAnswer{}
		for _, t := range tokens[offset:min(offset+int64(a.pageSize(r)), total)] {
			results = append(results, newTokenAnswer(t, secret.Text{}))
		}
		return work.Marshal(results), nil
	})
}

// createToken answers POST /api/tokens/.
func (a *API) createToken(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := a.Tokens.CheckCreate(actor, actor.ID()); err != nil {
		return err
	}
	sent, err := tokenBody(r)
	if err != nil {
		return err
	}
	days := defaultTokenDays
	in := tokenInput{days: &days}
	if err := tokenFields.ReadInto(&in, sent, form.Create).Err(); err != nil {
		return err
	}
	n, err := in.newToken()
	if err != nil {
		return err
	}
	t, text, err := a.Tokens.Create(r.Context(), actor, actor.ID(), n)
	if err != nil {
		return err
	}
	return respond(w, http.StatusCreated, work.Marshal(newTokenAnswer(t, text)))
}

// showToken answers GET /api/tokens/{id}/.
func (a *API) showToken(w http.ResponseWriter, r *http.Request, actor access.Actor, id int64) error {
	t, err := a.Tokens.Find(r.Context(), actor, id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, work.Marshal(newTokenAnswer(t, secret.Text{})))
}

// rotateToken answers POST /api/tokens/{id}/rotate/.
func (a *API) rotateToken(w http.ResponseWriter, r *http.Request, actor access.Actor, id int64) error {
	sent, err := tokenBody(r)
	if err != nil {
		return err
	}
	var in tokenInput
	if err := rotateFields.ReadInto(&in, sent, form.Create).Err(); err != nil {
		return err
	}
	overlap := time.Duration(max(-1, min(in.overlap, int64(auth.MaxTokenOverlap/time.Hour)+1))) * time.Hour
	t, text, err := a.Tokens.Rotate(r.Context(), actor, id, overlap)
	if err != nil {
		return err
	}
	return respond(w, http.StatusCreated, work.Marshal(newTokenAnswer(t, text)))
}

// revokeToken answers DELETE /api/tokens/{id}/.
func (a *API) revokeToken(w http.ResponseWriter, r *http.Request, actor access.Actor, id int64) error {
	if err := a.Tokens.Revoke(r.Context(), actor, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
