package server

import (
	"roster/internal/access"
	"roster/internal/admin"
	"roster/internal/admin/site"
	"roster/internal/web/manual"
)

// furtherPages are the pages outside of package site that the search finds.
func furtherPages() []site.Entry {
	return []site.Entry{
		{Name: "Change password", URL: "/admin/password_change/", Words: "own account"},
		{Name: "Sessions", URL: "/admin/sessions/", Words: "own account logins end"},
		{Name: "API tokens", URL: "/admin/tokens/", Words: "own account create token script"},
		{Name: "Two-factor authentication", URL: "/admin/totp/", Words: "own account passkeys codes"},
		{Name: "Log levels", URL: admin.LogLevelsPath, Words: "settings", Needs: access.Superuser},
		{Name: "Linked logins", URL: "/admin/identities/", Words: "own account providers"},
	}
}

// documentation returns the pages of the documentation for the search.
func documentation(book *manual.Manual) site.Shelf {
	return site.Shelf{Title: "Documentation", Entries: func() (entries []site.Entry, err error) {
		chapters, err := book.Chapters()
		for _, chapter := range chapters {
			for _, link := range chapter.Links {
				entries = append(entries, site.Entry{Name: link.Title, URL: link.Path, Words: chapter.Title})
			}
		}
		return entries, err
	}}
}
