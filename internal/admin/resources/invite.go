package resources

import (
	"context"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/auth"
	"roster/internal/fault"
)

// Invite sends a mail with which the owner of an account sets its password. nil
// means that the server cannot send links.
type Invite func(ctx context.Context, actor access.Actor, account int64) error

// invitable is the value that says whether an account can be invited.
const invitable = "invitable"

// inviteField invites the owner of a new account.
func inviteField(invite Invite) site.Field {
	return site.Field{
		Name: "invite", Label: "Send an invitation", Widget: site.Box, OnAdd: true,
		Help: "Sends a mail with a link to set the password, valid for 7 days. Leave the password empty.",
		Locked: func(actor access.Actor) string {
			switch {
			case invite == nil:
				return "This server sends no links, because SITE_URL is not set."
			case !actor.Can(access.Accounts.Change()):
				return "You need the permission to change accounts."
			}
			return ""
		},
	}
}

// checkInvited returns an error if a new account cannot be invited.
func checkInvited(c auth.AccountChange) error {
	var faults fault.Fields
	if c.Email == nil || *c.Email == "" {
		faults.Add("email", "Enter the address of the invitation.")
	}
	if c.IsStaff == nil || !*c.IsStaff || c.IsActive == nil || !*c.IsActive {
		faults.Add("invite", "Only accounts that are active and staff can be invited.")
	}
	return faults.Err()
}

// inviteButton sends an invitation again.
func inviteButton(invite Invite) site.Button {
	return site.Button{
		Name: "invite", Label: "Send invitation", Needs: access.Accounts.Change(),
		Fits: func(r site.Record) bool { return invite != nil && r.Values[invitable] == true },
		Run: func(ctx context.Context, actor access.Actor, id int64) (site.Outcome, error) {
			return site.Outcome{Text: "The invitation is on its way. It is valid for 7 days."}, invite(ctx, actor, id)
		},
	}
}
