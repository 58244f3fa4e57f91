package store

import (
	"context"
	"database/sql/driver"
	"slices"
	"strings"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/query"
	"roster/internal/store/sqldb"
)

const (
	selectPermissions = "SELECT DISTINCT c.app_label, p.codename FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id"
	selectOwn         = selectPermissions + " JOIN auth_user_user_permissions o ON o.permission_id = p.id WHERE o.user_id = ?"
	// The permissions of an account and of its groups. It takes the id twice.
	selectHeld = selectPermissions + " JOIN (SELECT permission_id FROM auth_user_user_permissions WHERE user_id = ?" +
		" UNION SELECT gp.permission_id FROM auth_user_groups ug JOIN auth_group_permissions gp ON gp.group_id = ug.group_id" +
		" WHERE ug.user_id = ?) AS held ON held.permission_id = p.id"
	selectPermissionRows = "SELECT c.app_label, p.codename, c.model, p.name FROM auth_permission p" +
		" JOIN django_content_type c ON c.id = p.content_type_id ORDER BY c.app_label, c.model, p.codename"

	// A row for each permission of a group, and one for a group without any.
	selectGroups = "SELECT g.id, g.name, c.app_label, p.codename FROM auth_group g" +
		" LEFT JOIN auth_group_permissions gp ON gp.group_id = g.id" +
		" LEFT JOIN auth_permission p ON p.id = gp.permission_id LEFT JOIN django_content_type c ON c.id = p.content_type_id"
	groupsByName = " ORDER BY g.name, g.id, c.app_label, p.codename"

	takenGroup  = "SELECT EXISTS (SELECT 1 FROM auth_group WHERE name = ? AND id <> ?)"
	lockGroups  = "SELECT id FROM auth_group WHERE id IN "
	newGroup    = "INSERT INTO auth_group (name) VALUES (?)"
	renameGroup = "UPDATE auth_group SET name = ? WHERE id = ?"

	clearGroupPermissions = "DELETE FROM auth_group_permissions WHERE group_id = ?"
	insertGroupPermission = "INSERT INTO auth_group_permissions (group_id, permission_id)" +
		" SELECT ?, p.id FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id" +
		" WHERE c.app_label = ? AND p.codename = ?"
)

// deleteGroup deletes what references a group. Each statement takes the id.
var deleteGroup = []string{
	"DELETE FROM auth_user_groups WHERE group_id = ?",
	"DELETE FROM roster_identity_groups WHERE group_id = ?",
	clearGroupPermissions,
}

// FindGroup implements auth.GroupReader.
func (s *Store) FindGroup(ctx context.Context, id int64) (auth.Group, error) {
	found, err := s.groups(ctx, " WHERE g.id = ?", id)
	if len(found) == 0 {
		return auth.Group{}, sqldb.FirstError(err, errNotFound)
	}
	return found[0], err
}

// ListGroups implements auth.GroupReader.
func (s *Store) ListGroups(ctx context.Context) ([]auth.Group, error) { return s.groups(ctx, "") }

func (s *Store) groups(ctx context.Context, where string, args ...driver.Value) ([]auth.Group, error) {
	return read(query.Fresh(ctx), s, "list groups", func(c sqldb.Conn) ([]auth.Group, error) { return groups(c, where, args...) })
}

// groups returns the groups that match a condition, with their permissions, by
// name.
func groups(c sqldb.Conn, where string, args ...driver.Value) (found []auth.Group, err error) {
	err = c.Query(selectGroups+where+groupsByName, func(row []driver.Value) error {
		var next auth.Group
		if err := sqldb.Scan(row, &next.ID, &next.Name); err != nil {
			return err
		}
		if len(found) == 0 || found[len(found)-1].ID != next.ID {
			found = append(found, next)
		}
		if g := &found[len(found)-1]; row[2] != nil {
			g.Permissions = append(g.Permissions, permissionOf(row[2], row[3]))
		}
		return nil
	}, args...)
	return found, err
}

func permissionOf(app, codename driver.Value) access.Permission {
	return access.Permission(textOf(app) + "." + textOf(codename))
}

// permissions returns the permissions selected by a query whose first columns
// are those of selectPermissions, in order.
func permissions(c sqldb.Conn, query string, args ...driver.Value) ([]access.Permission, error) {
	return all(c, func(row []driver.Value) (access.Permission, error) { return permissionOf(row[0], row[1]), nil },
		query+" ORDER BY c.app_label, p.codename", args...)
}

// ListPermissions implements auth.GroupReader.
func (s *Store) ListPermissions(ctx context.Context) ([]auth.PermissionRow, error) {
	return read(query.Fresh(ctx), s, "list permissions", func(c sqldb.Conn) ([]auth.PermissionRow, error) {
		return all(c, func(row []driver.Value) (auth.PermissionRow, error) {
			model := access.Model{App: textOf(row[0]), Name: textOf(row[2])}
			return auth.PermissionRow{Permission: permissionOf(row[0], row[1]), Model: model, Name: textOf(row[3])}, nil
		}, selectPermissionRows)
	})
}

// FindGroups implements auth.GroupTx.
func (t *tx) FindGroups(ids []int64) ([]auth.Group, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if _, err := sqldb.Texts(t, lockGroups+marks(len(ids))+t.forUpdate, values(ids)...); err != nil {
		return nil, err
	}
	return groups(t, " WHERE g.id IN "+marks(len(ids)), values(ids)...)
}

// FindGroupsNamed implements auth.GroupTx. MySQL compares names by the collation of
// the column, which may find others.
func (t *tx) FindGroupsNamed(names []string) ([]auth.Group, error) {
	if len(names) == 0 {
		return nil, nil
	}
	args := make([]driver.Value, len(names))
	for i, name := range names {
		args[i] = name
	}
	found, err := groups(t, " WHERE g.name IN "+marks(len(names)), args...)
	return slices.DeleteFunc(found, func(g auth.Group) bool { return !slices.Contains(names, g.Name) }), err
}

// TakenGroupName implements auth.GroupTx.
func (t *tx) TakenGroupName(name string, except int64) (bool, error) {
	return exists(t, takenGroup, name, except)
}

// InsertGroup implements auth.GroupTx.
func (t *tx) InsertGroup(g auth.Group) (int64, error) { return insert(t, newGroup, g.Name) }

// RenameGroup implements auth.GroupTx.
func (t *tx) RenameGroup(g auth.Group) error { return exec(t, renameGroup, g.Name, g.ID) }

// SetGroupPermissions implements auth.GroupTx.
func (t *tx) SetGroupPermissions(id int64, permissions []access.Permission) error {
	return t.replacePermissions(clearGroupPermissions, insertGroupPermission, id, permissions)
}

// DeleteGroup implements auth.GroupTx.
func (t *tx) DeleteGroup(id int64) error { return t.deleteWith(deleteGroup, "auth_group", id) }

// KnownPermissions implements auth.GroupTx.
func (t *tx) KnownPermissions(wanted []access.Permission) ([]access.Permission, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	var args []driver.Value
	var each []string
	for _, p := range wanted {
		app, codename, _ := strings.Cut(string(p), ".")
		each = append(each, "c.app_label = ? AND p.codename = ?")
		args = append(args, app, codename)
	}
	return permissions(t, selectPermissions+" WHERE "+strings.Join(each, " OR "), args...)
}
