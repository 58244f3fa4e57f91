package subject

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/user"
)

// Resolve returns the id of the user with that id, username or e-mail address, or
// NotFound. A username of digits has to be given as the id of its user.
func (s *Records) Resolve(ctx context.Context, actor access.Actor, name string) (int64, error) {
	if id, err := strconv.ParseInt(name, 10, 64); err == nil {
		u, err := s.users.Find(ctx, actor, id)
		return u.ID, named(name, err)
	}
	field := "username"
	if strings.Contains(name, "@") {
		field, name = "email", strings.ToLower(name) // as stored
	}
	condition, wrong := user.ParseFilter(field + " eq " + strconv.Quote(name))
	if wrong != nil {
		return 0, named(name, fault.New(fault.NotFound, ""))
	}
	found, err := s.users.Some(ctx, actor, user.Query{Filter: condition}, 0, 1)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "")
	}
	if err != nil {
		return 0, named(name, err)
	}
	return found[0].ID, nil
}

// named returns the error for a user of that name.
func named(name string, err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return fault.New(fault.NotFound, fmt.Sprintf("There is no user %q.", name))
	}
	return err
}
