package auth

import (
	"context"
	"slices"
	"strings"

	"roster/internal/access"
	"roster/internal/fault"
)

// errBeyond is returned for a change of an account or group that holds more
// than the actor, who could otherwise take over its permissions.
var errBeyond = fault.New(fault.Denied, "This holds permissions that you do not hold, so you cannot change it.")

// errLastSuperuser keeps at least one superuser in the system.
var errLastSuperuser = fault.New(fault.Conflict, "This is the last active superuser: make another one first.")

// checkAll returns errBeyond unless the actor holds all the permissions.
func checkAll(actor access.Actor, permissions []access.Permission) error {
	for _, p := range permissions {
		if !actor.Can(p) {
			return errBeyond
		}
	}
	return nil
}

// CheckReach returns nil if the actor holds everything that the account holds,
// or would hold if it were active.
func CheckReach(actor access.Actor, a Account, h Holdings) error {
	if a.IsSuperuser && !actor.HoldsAll() {
		return errBeyond
	}
	return checkAll(actor, h.Held())
}

// denied returns an error of kind Denied about fields, nil if there are none.
func denied(fields fault.Fields) error {
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Denied, Message: fields[0].Messages[0], Fields: fields}
}

// checkFlags returns nil if the actor may change these flags: only superusers
// change who is a superuser or staff.
func checkFlags(actor access.Actor, before, after Account) error {
	var fields fault.Fields
	if actor.HoldsAll() {
		return nil
	}
	if before.IsStaff != after.IsStaff {
		fields.Add("is_staff", "Only superusers can change who is staff.")
	}
	if before.IsSuperuser != after.IsSuperuser {
		fields.Add("is_superuser", "Only superusers can change who is a superuser.")
	}
	return denied(fields)
}

// checkGiven returns nil if the actor holds everything that the change adds to
// an account; otherwise an error for each field.
func checkGiven(actor access.Actor, before, after Holdings) error {
	var fields fault.Fields
	held := before.Held()
	fields.Add("permissions", refusals(lacking(actor, held, after.Permissions))...)
	for _, g := range after.Groups {
		if missing := lacking(actor, held, g.Permissions); len(missing) > 0 {
			fields.Add("groups", "You cannot grant what you do not hold: the group "+g.Name+" has "+strings.Join(missing, ", ")+".")
		}
	}
	return denied(fields)
}

// checkGrant returns nil if the actor holds everything in after that is not in
// before.
func checkGrant(actor access.Actor, before, after []access.Permission) error {
	var fields fault.Fields
	fields.Add("permissions", refusals(lacking(actor, before, after))...)
	return denied(fields)
}

// refusals returns the message about permissions that cannot be granted.
func refusals(missing []string) []string {
	if len(missing) == 0 {
		return nil
	}
	return []string{"You cannot grant what you do not hold: " + strings.Join(missing, ", ") + "."}
}

// lacking returns, sorted, what is in after but not in before, and not held by
// the actor.
func lacking(actor access.Actor, before, after []access.Permission) (missing []string) {
	for _, p := range after {
		if !actor.Can(p) && !slices.Contains(before, p) {
			missing = append(missing, string(p))
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

// sorted returns the permissions in order, without duplicates.
func sorted(permissions []access.Permission) []access.Permission {
	permissions = slices.Clone(permissions)
	slices.Sort(permissions)
	return slices.Compact(permissions)
}

// Explanation explains why an account holds a permission.
type Explanation struct {
	Inactive  bool     // holds nothing, whatever the other fields say
	Superuser bool     // holds every permission
	Own       bool     // granted to the account itself
	Groups    []string // names of its groups that have the permission, sorted
}

// Held reports whether the account holds the permission.
func (e Explanation) Held() bool {
	return !e.Inactive && (e.Superuser || e.Own || len(e.Groups) > 0)
}

// String returns the explanation in a sentence.
func (e Explanation) String() string {
	var from []string
	if e.Superuser {
		from = append(from, "as a superuser")
	}
	if e.Own {
		from = append(from, "by a permission of its own")
	}
	for _, name := range e.Groups {
		from = append(from, "by the group "+name)
	}
	switch {
	case len(from) == 0:
		return "The account does not hold this permission."
	case e.Inactive:
		return "The account is not active and holds nothing; otherwise it would hold this permission " + strings.Join(from, " and ") + "."
	}
	return "The account holds this permission " + strings.Join(from, " and ") + "."
}

// explain explains why an account holds p.
func explain(a Account, h Holdings, p access.Permission) Explanation {
	e := Explanation{Inactive: !a.IsActive, Superuser: a.IsSuperuser, Own: slices.Contains(h.Permissions, p)}
	for _, g := range h.Groups {
		if slices.Contains(g.Permissions, p) {
			e.Groups = append(e.Groups, g.Name)
		}
	}
	return e
}

// Holder is an account that holds a permission, or would if it were active.
type Holder struct {
	Account Account
	Why     Explanation
}

// Holders returns up to limit accounts that hold a permission, or would if they
// were active, each with an explanation, by username, after skipping offset;
// and their total number.
func (s *Accounts) Holders(ctx context.Context, actor access.Actor, p access.Permission, offset int64, limit int) (holders []Holder, total int64, err error) {
	accounts, total, err := s.List(ctx, actor, AccountQuery{Holds: p}, offset, limit)
	for _, a := range accounts {
		_, held, err := s.store.FindAccount(ctx, a.ID)
		if fault.KindOf(err) == fault.NotFound {
			continue // deleted in the meantime
		}
		if err != nil {
			return nil, 0, err
		}
		holders = append(holders, Holder{a, explain(a, held, p)})
	}
	return holders, total, err
}

// ExplainAll explains each of the permissions of an account.
func (s *Accounts) ExplainAll(ctx context.Context, actor access.Actor, id int64, permissions []access.Permission) ([]Explanation, error) {
	a, held, err := s.Find(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	all := make([]Explanation, len(permissions))
	for i, p := range permissions {
		all[i] = explain(a, held, p)
	}
	return all, nil
}
