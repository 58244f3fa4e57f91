package resources

import (
	"context"
	"net/url"
	"strconv"

	"roster/internal/access"
	"roster/internal/admin/site"
)

// tokensPage leads from an account to its API tokens.
func tokensPage() site.Extra {
	return site.Extra{
		Name: "tokens", Label: "API tokens", Needs: access.Accounts.Change(),
		Show: func(_ context.Context, _ access.Actor, ask site.Ask) (site.Sheet, error) {
			return site.Sheet{Elsewhere: "/admin/tokens/?" + url.Values{"account": {strconv.FormatInt(ask.ID, 10)}}.Encode()}, nil
		},
	}
}
