package auth

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
)

// Object returns the account's object in the audit trail.
func (a Account) Object() audit.Object {
	return audit.Object{Type: "account", ID: a.ID, Name: a.Username}
}

// Object returns the group's object in the audit trail.
func (g Group) Object() audit.Object { return audit.Object{Type: "group", ID: g.ID, Name: g.Name} }

// field is a field as recorded in the audit trail.
type field struct {
	name  string
	value any
}

// fields are the recorded fields of an account, in the order of Django's form.
// The password is compared by its hash, which is not shown.
func (a Account) fields(h Holdings) []field {
	return []field{
		{"username", a.Username}, {"password", a.Password.Reveal()},
		{"first_name", a.FirstName}, {"last_name", a.LastName}, {"email", a.Email},
		{"is_active", a.IsActive}, {"is_staff", a.IsStaff}, {"is_superuser", a.IsSuperuser},
		{"groups", groupNames(h.Groups)}, {"permissions", listed(h.Permissions)},
	}
}

func (g Group) fields() []field {
	return []field{{"name", g.Name}, {"permissions", listed(g.Permissions)}}
}

// errOutdated is returned if the record changed since it was read.
var errOutdated = fault.New(fault.Outdated, "It was changed in the meantime.")

// Version identifies the state of an account and its holdings: every other
// state has another version. It excludes the password and the last login, which
// forms do not show.
func (a Account) Version(h Holdings) string {
	h.Groups = slices.Clone(h.Groups)
	slices.SortFunc(h.Groups, func(a, b Group) int { return cmp.Compare(a.ID, b.ID) })
	sum := sha256.New()
	fmt.Fprintf(sum, "account %d %q %q %q %q %t %t %t %q", a.ID, a.Username, a.Email, a.FirstName, a.LastName,
		a.IsActive, a.IsStaff, a.IsSuperuser, sorted(h.Permissions))
	for _, g := range h.Groups {
		fmt.Fprintf(sum, " %d", g.ID)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// Version identifies the state of a group: every other state has another
// version.
func (g Group) Version() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "group %d %q %q", g.ID, g.Name, sorted(g.Permissions)))
	return hex.EncodeToString(sum[:16])
}

// groupNames lists groups unambiguously: it quotes names that could be read as
// two.
func groupNames(groups []Group) string {
	names := make([]string, len(groups))
	for i, g := range groups {
		if names[i] = g.Name; strings.ContainsAny(g.Name, `,"`) {
			names[i] = strconv.Quote(g.Name)
		}
	}
	return strings.Join(names, ", ")
}

func listed(permissions []access.Permission) string {
	texts := make([]string, len(permissions))
	for i, p := range permissions {
		texts[i] = string(p)
	}
	return strings.Join(texts, ", ")
}

// difference returns the fields with different values; nil means absent.
func difference(before, after []field) (changes []audit.Change) {
	named := after
	if after == nil {
		named = before
	}
	for i, f := range named {
		was, is := valueAt(before, i), valueAt(after, i)
		switch {
		case was == is:
		case f.name == "password":
			changes = append(changes, audit.Secret(f.name))
		default:
			changes = append(changes, audit.Change{Field: f.name, Old: was, New: is})
		}
	}
	return changes
}

func valueAt(fields []field, i int) any {
	if fields == nil {
		return nil
	}
	return fields[i].value
}

// deed is who does something, and when.
type deed struct {
	at    time.Time
	actor access.Actor
}

func (d deed) entry(action audit.Action, object audit.Object, changes []audit.Change) audit.Entry {
	return audit.NewEntry(d.at, d.actor, action, object, changes)
}

// edit is a change of an account within a transaction.
type edit struct {
	deed
	tx            Tx
	before, after Account
	held          Holdings // before the change
	faults        fault.Fields
}

// insert adds the account if all rules allow it.
func (e *edit) insert(change AccountChange) error {
	given, err := e.check(change)
	if err != nil {
		return err
	}
	if e.after.ID, err = e.tx.InsertAccount(e.after); err != nil {
		return err
	}
	if err := e.give(change, given); err != nil {
		return err
	}
	return e.tx.Record(e.entry(audit.Create, e.after.Object(), difference(nil, e.after.fields(given))))
}

// update stores the account if all rules allow it. It records nothing if
// nothing changes.
func (e *edit) update(change AccountChange) error {
	given, err := e.check(change)
	if err != nil {
		return err
	}
	changes := difference(e.before.fields(e.held), e.after.fields(given))
	if len(changes) == 0 {
		return nil
	}
	if err := firstError(e.tx.UpdateAccount(e.after), e.give(change, given), e.endSessions()); err != nil {
		return err
	}
	return e.tx.Record(e.entry(audit.Update, e.after.Object(), changes))
}

// endSessions deletes the sessions of an account that may no longer log in, so
// that they do not continue if it may again later.
func (e *edit) endSessions() error {
	if e.after.mayLogIn() {
		return nil
	}
	_, err := e.tx.DeleteSessions(e.after.ID, SessionChoice{})
	return err
}

// check returns the resulting holdings, or why the change is rejected.
func (e *edit) check(change AccountChange) (Holdings, error) {
	given, err := e.choose(change)
	if err != nil {
		return Holdings{}, err
	}
	err = firstError(e.checkNames(), checkFlags(e.actor, e.before, e.after), checkGiven(e.actor, e.held, given))
	if err == nil && !e.after.rules() {
		err = e.keepSuperuser()
	}
	return given, err
}

// checkNames returns the input errors, including a username taken by another
// account.
func (e *edit) checkNames() error {
	if !e.faults.Has("username") && e.after.Username != e.before.Username {
		taken, err := e.tx.TakenUsername(e.after.Username, e.before.ID)
		if err != nil {
			return err
		}
		if taken {
			e.faults = append(fault.Fields{{Name: "username", Messages: []string{"A user with that username already exists."}}}, e.faults...)
		}
	}
	return e.faults.Err()
}

// choose returns the resulting holdings; unknown groups and permissions are
// errors.
func (e *edit) choose(change AccountChange) (given Holdings, err error) {
	given = e.held
	if change.Permissions != nil {
		given.Permissions, err = knownPermissions(e.tx, *change.Permissions, &e.faults)
	}
	if err == nil && change.Groups != nil {
		given.Groups, err = e.tx.FindGroups(*change.Groups)
		for _, id := range *change.Groups {
			if !slices.ContainsFunc(given.Groups, func(g Group) bool { return g.ID == id }) {
				e.faults.Add("groups", "Select a valid choice. "+strconv.FormatInt(id, 10)+" is not one of the available choices.")
			}
		}
	}
	return given, err
}

// knownPermissions returns the permissions in order, and adds errors for
// unknown ones.
func knownPermissions(tx Tx, wanted []access.Permission, faults *fault.Fields) ([]access.Permission, error) {
	known, err := tx.KnownPermissions(wanted)
	for _, p := range wanted {
		if err == nil && !slices.Contains(known, p) {
			faults.Add("permissions", "Select a valid choice. "+string(p)+" is not one of the available choices.")
		}
	}
	return sorted(known), err
}

// give stores the holdings.
func (e *edit) give(change AccountChange, given Holdings) error {
	if change.Permissions != nil {
		if err := e.tx.SetPermissions(e.after.ID, given.Permissions); err != nil {
			return err
		}
	}
	if change.Groups == nil {
		return nil
	}
	ids := make([]int64, len(given.Groups))
	for i, g := range given.Groups {
		ids[i] = g.ID
	}
	return e.tx.SetGroups(e.after.ID, ids)
}

// mayLogIn reports whether the account can sign in.
func (a Account) mayLogIn() bool { return a.IsActive && a.IsStaff }

// rules reports whether the account can sign in as a superuser.
func (a Account) rules() bool { return a.mayLogIn() && a.IsSuperuser }

// keepSuperuser refuses to remove the last superuser who can sign in.
func (e *edit) keepSuperuser() error {
	if !e.before.rules() {
		return nil
	}
	others, err := e.tx.CountOtherSuperusers(e.before.ID)
	if err == nil && others == 0 {
		err = errLastSuperuser
	}
	return err
}

// savePassword stores the password, forgets failed attempts at the former one,
// and ends the account's sessions except one.
func (e *edit) savePassword(keep int64) error {
	if err := firstError(e.tx.UpdateAccount(e.after), succeed(e.tx, e.after)); err != nil {
		return err
	}
	if _, err := e.tx.DeleteSessions(e.after.ID, SessionChoice{Except: keep}); err != nil {
		return err
	}
	if err := e.tx.Remark(e.after.ID, markOf(e.before), markOf(e.after)); err != nil {
		return err
	}
	return e.tx.Record(e.entry(audit.Update, e.after.Object(), difference(e.before.fields(e.held), e.after.fields(e.held))))
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
