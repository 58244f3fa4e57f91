package auth

import (
	"context"
	"slices"
	"strings"

	"roster/internal/access"
	"roster/internal/fault"
)

// errBeyond is the answer to who would change an account or a group that holds
// more than they do: with it they could become as much.
var errBeyond = fault.New(fault.Denied, "This holds permissions that you do not hold, so you cannot change it.")

// errLastSuperuser keeps the system from being left without anybody who can do everything.
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

// checkReach returns nil when the actor holds all that the account holds, or
// would hold if it were active.
func checkReach(actor access.Actor, a Account, h Holdings) error {
	if a.IsSuperuser && !actor.HoldsAll() {
		return errBeyond
	}
	return checkAll(actor, h.Held())
}

// denied returns an error of kind Denied about fields, nil when there are none.
func denied(fields fault.Fields) error {
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Denied, Message: fields[0].Messages[0], Fields: fields}
}

// checkFlags returns nil when the actor may change an account's flags so:
// superusers alone make or unmake superusers and staff.
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

// checkGiven returns nil when the actor holds everything that an account is to
// hold and does not hold; otherwise it says of which field that is not so.
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

// checkGrant returns nil when the actor holds everything that is in after and
// not in before.
func checkGrant(actor access.Actor, before, after []access.Permission) error {
	var fields fault.Fields
	fields.Add("permissions", refusals(lacking(actor, before, after))...)
	return denied(fields)
}

// refusals says that permissions cannot be granted, and nothing of none.
func refusals(missing []string) []string {
	if len(missing) == 0 {
		return nil
	}
	return []string{"You cannot grant what you do not hold: " + strings.Join(missing, ", ") + "."}
}

// lacking returns, sorted, what the actor does not hold of what is in after and
// not in before.
func lacking(actor access.Actor, before, after []access.Permission) (missing []string) {
	for _, p := range after {
		if !actor.Can(p) && !slices.Contains(before, p) {
			missing = append(missing, string(p))
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

// sorted returns the permissions in order, each once.
func sorted(permissions []access.Permission) []access.Permission {
	permissions = slices.Clone(permissions)
	slices.Sort(permissions)
	return slices.Compact(permissions)
}

// Explanation says from where an account holds a permission.
type Explanation struct {
	Inactive  bool     // nothing is held, whatever the rest says
	Superuser bool     // every permission is held
	Own       bool     // it was given to the account itself
	Groups    []string // the names of those of its groups that have it, sorted
}

// Held reports whether the permission is held.
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

// explain returns from where an account holds p.
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

// Holders returns up to limit of the accounts that hold a permission, or would if
// they were active, with where each has it from, after skipping offset of them;
// and how many there are in all. They are ordered by username.
func (s *Accounts) Holders(ctx context.Context, actor access.Actor, p access.Permission, offset int64, limit int) (holders []Holder, total int64, err error) {
	accounts, total, err := s.List(ctx, actor, AccountQuery{Holds: p}, offset, limit)
	for _, a := range accounts {
		_, held, err := s.store.FindAccount(ctx, a.ID)
		if fault.KindOf(err) == fault.NotFound {
			continue // deleted since
		}
		if err != nil {
			return nil, 0, err
		}
		holders = append(holders, Holder{a, explain(a, held, p)})
	}
	return holders, total, err
}

// ExplainAll says of each of the permissions from where an account holds it.
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
