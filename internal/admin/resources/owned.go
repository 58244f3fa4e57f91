package resources

import (
	"context"
	"net/url"
	"strconv"

	"roster/internal/access"
	"roster/internal/admin/site"
)

// ownedPage leads from an account to the page of its owner at that path, which
// those who may change the account can open too.
func ownedPage(name, label, path string) site.Extra {
	return site.Extra{
		Name: name, Label: label, Needs: access.Accounts.Change(),
		Show: func(_ context.Context, _ access.Actor, ask site.Ask) (site.Sheet, error) {
			return site.Sheet{Elsewhere: path + "?" + url.Values{"account": {strconv.FormatInt(ask.ID, 10)}}.Encode()}, nil
		},
	}
}
