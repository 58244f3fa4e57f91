package resources

import (
	"context"
	"net/url"
	"strconv"

	"roster/internal/access"
	"roster/internal/admin/site"
)

// identitiesPage leads from an account to its linked logins.
func identitiesPage() site.Extra {
	return site.Extra{
		Name: "identities", Label: "Linked logins", Needs: access.Accounts.Change(),
		Show: func(_ context.Context, _ access.Actor, ask site.Ask) (site.Sheet, error) {
			return site.Sheet{Elsewhere: "/admin/identities/?" + url.Values{"account": {strconv.FormatInt(ask.ID, 10)}}.Encode()}, nil
		},
	}
}
