package auth

import (
	"slices"
)

// maxClaimGroups is the number of groups of a person that count.
const maxClaimGroups = 1000

// sync gives the account of an identity the groups and flags of the claims. Groups
// that the claims of the identity have never named stay, and so does the last
// superuser.
func (s *Identities) sync(tx Tx, r IdentityLogin, i Identity) (Account, error) {
	a, held, err := tx.FindAccount(i.Account)
	if err != nil {
		return a, err
	}
	e := edit{tx: tx, deed: deed{stamp(s.sessions.Now()), r.actor()}, before: a, held: held}
	change := r.Rules.flags(r.Claims.Groups)
	if r.Rules.MapGroups {
		if change.Groups, err = mapGroups(tx, r.Claims.Groups, i, held); err != nil {
			return a, err
		}
	}
	e.after = change.apply(a)
	if a.rules() && !e.after.rules() {
		others, err := tx.CountOtherSuperusers(a.ID)
		if err != nil {
			return a, err
		}
		if others == 0 {
			s.sessions.Log.Warn("the claims of a provider would remove the last superuser, who stays one", "id", a.ID, "provider", r.Rules.Name)
			e.after.IsStaff, e.after.IsSuperuser = true, true
		}
	}
	return e.after, e.update(change)
}

// flags returns the flags of a member of these groups.
func (r ProviderRules) flags(groups []string) (change AccountChange) {
	in := func(named []string) bool {
		return slices.ContainsFunc(named, func(name string) bool { return slices.Contains(groups, name) })
	}
	superuser := in(r.SuperuserGroups)
	if len(r.SuperuserGroups) > 0 {
		change.IsSuperuser = &superuser
	}
	if staff := superuser || in(r.StaffGroups); staff || len(r.StaffGroups) > 0 {
		change.IsStaff = &staff
	}
	return change
}

// mapGroups returns the ids of the account's groups after a login: those that the
// claims name and that exist, instead of those that they named before. It returns
// nil if nothing changes.
func mapGroups(tx Tx, names []string, i Identity, held Holdings) (*[]int64, error) {
	named, err := tx.FindGroupsNamed(names[:min(len(names), maxClaimGroups)])
	if err != nil {
		return nil, err
	}
	managed, err := tx.IdentityGroups(i.ID)
	if err != nil {
		return nil, err
	}
	given, former := idsOf(named), idsOf(held.Groups)
	if err := tx.SetIdentityGroups(i.ID, given); err != nil {
		return nil, err
	}
	ids := slices.Clone(given)
	for _, id := range former {
		if !slices.Contains(managed, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	slices.Sort(former)
	if ids = slices.Compact(ids); slices.Equal(ids, former) {
		return nil, nil
	}
	return &ids, nil
}

func idsOf(groups []Group) []int64 {
	ids := make([]int64, len(groups))
	for i, g := range groups {
		ids[i] = g.ID
	}
	return ids
}
