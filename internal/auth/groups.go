package auth

import (
	"context"
	"log/slog"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
)

// Groups manages groups. Every method checks the actor, who can neither grant
// permissions they do not hold nor change a group that holds more than they do.
// Every change writes an entry to the audit trail. It is safe for concurrent
// use.
type Groups struct {
	store    Store
	now      func() time.Time
	log      *slog.Logger
	expected *string // required version of the group, nil for any
}

// NewGroups returns the service on that store. now is the clock; log records
// every change.
func NewGroups(store Store, now func() time.Time, log *slog.Logger) *Groups {
	return &Groups{store: store, now: now, log: log}
}

// Expecting returns a copy of the service for a caller who has seen a group in
// that version: changes of any other version return Outdated.
func (s *Groups) Expecting(version string) *Groups {
	same := *s
	same.expected = &version
	return &same
}

// Find returns a group, or NotFound.
func (s *Groups) Find(ctx context.Context, actor access.Actor, id int64) (Group, error) {
	if err := actor.Check(access.Groups.View()); err != nil {
		return Group{}, err
	}
	return s.store.FindGroup(ctx, id)
}

// List returns all groups by name. Those who may view accounts may call it too.
func (s *Groups) List(ctx context.Context, actor access.Actor) ([]Group, error) {
	if err := checkEither(actor); err != nil {
		return nil, err
	}
	return s.store.ListGroups(ctx)
}

// ListPermissions returns all permissions. Those who may view accounts may call
// it too.
func (s *Groups) ListPermissions(ctx context.Context, actor access.Actor) ([]PermissionRow, error) {
	if err := checkEither(actor); err != nil {
		return nil, err
	}
	return s.store.ListPermissions(ctx)
}

func checkEither(actor access.Actor) error {
	if actor.Can(access.Accounts.View()) {
		return nil
	}
	return actor.Check(access.Groups.View())
}

// Create adds a group. Invalid input returns an Invalid error with all field
// errors, worded like Django's forms.
func (s *Groups) Create(ctx context.Context, actor access.Actor, change GroupChange) (Group, error) {
	if err := actor.Check(access.Groups.Add()); err != nil {
		return Group{}, err
	}
	var after Group
	err := write(ctx, s.store, func(tx Tx) (err error) {
		after = change.apply(Group{})
		if err := s.check(tx, actor, Group{}, after); err != nil {
			return err
		}
		if after.ID, err = tx.InsertGroup(after); err != nil {
			return err
		}
		if err := tx.SetGroupPermissions(after.ID, after.Permissions); err != nil {
			return err
		}
		return tx.Record(s.deed(actor).entry(audit.Create, after.Object(), difference(nil, after.fields())))
	})
	if err != nil {
		return Group{}, err
	}
	s.log.InfoContext(ctx, "group created", "id", after.ID, "actor", actor.Name())
	return after, nil
}

// Update changes a group. It returns NotFound, or Invalid as for Create.
func (s *Groups) Update(ctx context.Context, actor access.Actor, id int64, change GroupChange) (Group, error) {
	if err := actor.Check(access.Groups.Change()); err != nil {
		return Group{}, err
	}
	var after Group
	err := write(ctx, s.store, func(tx Tx) error {
		before, err := s.find(tx, actor, id)
		if err != nil {
			return err
		}
		after = change.apply(before)
		if err := s.check(tx, actor, before, after); err != nil {
			return err
		}
		changes := difference(before.fields(), after.fields())
		if len(changes) == 0 {
			return nil
		}
		if err := firstError(tx.RenameGroup(after), tx.SetGroupPermissions(id, after.Permissions)); err != nil {
			return err
		}
		return tx.Record(s.deed(actor).entry(audit.Update, after.Object(), changes))
	})
	if err != nil {
		return Group{}, err
	}
	s.log.InfoContext(ctx, "group updated", "id", id, "actor", actor.Name())
	return after, nil
}

// Delete deletes a group and its memberships, or returns NotFound.
func (s *Groups) Delete(ctx context.Context, actor access.Actor, id int64) error {
	if err := actor.Check(access.Groups.Delete()); err != nil {
		return err
	}
	err := write(ctx, s.store, func(tx Tx) error {
		before, err := s.find(tx, actor, id)
		if err != nil {
			return err
		}
		if err := tx.DeleteGroup(id); err != nil {
			return err
		}
		return tx.Record(s.deed(actor).entry(audit.Delete, before.Object(), difference(before.fields(), nil)))
	})
	if err == nil {
		s.log.InfoContext(ctx, "group deleted", "id", id, "actor", actor.Name())
	}
	return err
}

// find loads a group that the actor is about to change.
func (s *Groups) find(tx Tx, actor access.Actor, id int64) (Group, error) {
	found, err := tx.FindGroups([]int64{id})
	if err != nil {
		return Group{}, err
	}
	if len(found) == 0 {
		return Group{}, errNotFound
	}
	if s.expected != nil && *s.expected != found[0].Version() {
		return Group{}, errOutdated
	}
	return found[0], checkAll(actor, found[0].Permissions)
}

// check returns why a change is rejected.
func (s *Groups) check(tx Tx, actor access.Actor, before, after Group) error {
	faults := after.faults()
	if len(faults) == 0 && after.Name != before.Name {
		taken, err := tx.TakenGroupName(after.Name, before.ID)
		if err != nil {
			return err
		}
		if taken {
			faults.Add("name", "Group with this Name already exists.")
		}
	}
	if _, err := knownPermissions(tx, after.Permissions, &faults); err != nil {
		return err
	}
	return firstError(faults.Err(), checkGrant(actor, before.Permissions, after.Permissions))
}

func (s *Groups) deed(actor access.Actor) deed { return deed{stamp(s.now()), actor} }

var errNotFound = fault.New(fault.NotFound, "Not found.")
