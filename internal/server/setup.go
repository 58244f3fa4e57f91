package server

import (
	"context"
	"net/http"
	"net/url"

	"roster/internal/admin"
	"roster/internal/auth"
	"roster/internal/metrics"
)

// fromHere reports whether a request comes from this machine, and no setting
// says that others connect. A forwarded request may come from anywhere.
func (f *front) fromHere(r *http.Request) bool {
	return !f.Config.Exposed(f.bind) && !metrics.Forwarded(r)
}

// setUpPath returns the function for web.Options.SetUp. It returns "" if the
// database does not answer.
func (f *front) setUpPath(first *auth.First) func(*http.Request) string {
	return func(r *http.Request) string {
		if needed, err := first.Needed(r.Context()); err != nil || !needed || !f.fromHere(r) {
			return ""
		}
		return admin.SetupPath
	}
}

// announceSetup logs the address of the page that creates the first staff
// account, while there is none: with a token unless it is open to this machine.
func (f *front) announceSetup(ctx context.Context, first *auth.First) {
	needed, err := first.Needed(ctx)
	if err != nil || !needed {
		return // a request that needs an account reports the error
	}
	address := f.Config.SiteAddress()
	switch token := first.Token(); {
	case !f.Config.Exposed(f.bind) && f.url != "":
		address = f.url + admin.SetupPath[1:]
	case address == "" || token == "":
		f.logger("server").Warn("there is no staff account; create one with: roster createsuperuser")
		return
	default:
		address += admin.SetupPath + "?" + url.Values{admin.TokenField: {token}}.Encode()
	}
	f.logger("server").Info("there is no staff account; open this address to create the first one", "setup", address)
}
