package staff

import (
	"context"
	"database/sql/driver"
	"strings"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/query"
	"roster/internal/secret"
	"roster/internal/store/sqldb"
)

const (
	accountColumns = "a.id, a.username, a.password, a.email, a.first_name, a.last_name, a.is_active, a.is_staff, a.is_superuser," +
		" a.last_login || '', a.date_joined || ''"
	selectAccount      = "SELECT " + accountColumns + " FROM auth_user a WHERE a.id = ?"
	selectAccountNamed = "SELECT " + accountColumns + " FROM auth_user a WHERE a.username = ?"

	insertAccount = "INSERT INTO auth_user (username, password, email, first_name, last_name, is_active, is_staff, is_superuser," +
		" last_login, date_joined) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	updateAccount = "UPDATE auth_user SET username = ?, password = ?, email = ?, first_name = ?, last_name = ?, is_active = ?," +
		" is_staff = ?, is_superuser = ?, last_login = ?, date_joined = ? WHERE id = ?"
	takenUsername = "SELECT EXISTS (SELECT 1 FROM auth_user WHERE username = ? AND id <> ?)"
	// The rows themselves: where others write at the same time, they are locked.
	selectSuperusers = "SELECT id FROM auth_user WHERE is_superuser = 1 AND is_staff = 1 AND is_active = 1"

	// The accounts that were given a permission, themselves or by a group.
	holdersOfOwn = "SELECT o.user_id FROM auth_user_user_permissions o JOIN auth_permission p ON p.id = o.permission_id" +
		" JOIN django_content_type c ON c.id = p.content_type_id WHERE c.app_label = ? AND p.codename = ?"
	holdersByGroup = "SELECT ug.user_id FROM auth_user_groups ug JOIN auth_group_permissions gp ON gp.group_id = ug.group_id" +
		" JOIN auth_permission p ON p.id = gp.permission_id JOIN django_content_type c ON c.id = p.content_type_id" +
		" WHERE c.app_label = ? AND p.codename = ?"

	clearPermissions = "DELETE FROM auth_user_user_permissions WHERE user_id = ?"
	insertPermission = "INSERT INTO auth_user_user_permissions (user_id, permission_id)" +
		" SELECT ?, p.id FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id" +
		" WHERE c.app_label = ? AND p.codename = ?"
	clearGroups = "DELETE FROM auth_user_groups WHERE user_id = ?"
	insertGroup = "INSERT INTO auth_user_groups (user_id, group_id) VALUES (?, ?)"
)

// deleteAccount removes a row and all that refers to it, given the id each time.
var deleteAccount = []string{
	"DELETE FROM roster_sessions WHERE account_id = ?",
	"DELETE FROM roster_totp WHERE account_id = ?",
	"DELETE FROM django_admin_log WHERE user_id = ?",
	clearPermissions,
	clearGroups,
	"DELETE FROM auth_user WHERE id = ?",
}

// FindAccount implements auth.AccountReader.
func (s *Store) FindAccount(ctx context.Context, id int64) (a auth.Account, h auth.Holdings, err error) {
	err = s.db.Read(query.Fresh(ctx), "find account", func(c sqldb.Conn) error {
		a, h, err = findAccount(c, selectAccount, id)
		return err
	})
	return a, h, err
}

// FindAccount implements auth.AccountTx.
func (t tx) FindAccount(id int64) (auth.Account, auth.Holdings, error) {
	return findAccount(t, selectAccount+t.o.ForUpdate, id)
}

func findAccount(c sqldb.Conn, query string, id int64) (auth.Account, auth.Holdings, error) {
	found, err := accounts(c, query, id)
	if err != nil {
		return auth.Account{}, auth.Holdings{}, err
	}
	if len(found) == 0 {
		return auth.Account{}, auth.Holdings{}, errNotFound
	}
	h, err := holdings(c, id)
	return found[0], h, err
}

// holdings returns what an account was given.
func holdings(c sqldb.Conn, id int64) (h auth.Holdings, err error) {
	if h.Permissions, err = permissions(c, selectOwn, id); err != nil {
		return h, err
	}
	h.Groups, err = groups(c, " WHERE g.id IN (SELECT group_id FROM auth_user_groups WHERE user_id = ?)", id)
	return h, err
}

// FindAccountNamed implements auth.AccountReader. The collation of Django's
// column on MySQL may find others too.
func (s *Store) FindAccountNamed(ctx context.Context, username string) (auth.Account, error) {
	var found []auth.Account
	err := s.db.Read(query.Fresh(ctx), "find account by name", func(c sqldb.Conn) (err error) {
		found, err = accounts(c, selectAccountNamed, username)
		return err
	})
	if err != nil {
		return auth.Account{}, err
	}
	for _, a := range found {
		if a.Username == username {
			return a, nil
		}
	}
	return auth.Account{}, errNotFound
}

// ListAccounts implements auth.AccountReader. A negative offset is 0; a limit
// below 1 gives none.
func (s *Store) ListAccounts(ctx context.Context, q auth.AccountQuery, offset int64, limit int) (found []auth.Account, err error) {
	if limit < 1 {
		return nil, nil
	}
	where, args := filter(q)
	args = append(args, int64(limit), max(offset, 0))
	err = s.db.Read(query.Fresh(ctx), "list accounts", func(c sqldb.Conn) error {
		found, err = accounts(c, "SELECT "+accountColumns+" FROM auth_user a"+where+" ORDER BY a.username, a.id LIMIT ? OFFSET ?", args...)
		return err
	})
	return found, err
}

// CountAccounts implements auth.AccountReader.
func (s *Store) CountAccounts(ctx context.Context, q auth.AccountQuery) (n int64, err error) {
	where, args := filter(q)
	err = s.db.Read(query.Fresh(ctx), "count accounts", func(c sqldb.Conn) error {
		n, err = sqldb.Integer(c, "SELECT COUNT(*) FROM auth_user a"+where, args...)
		return err
	})
	return n, err
}

// filter returns the condition of a query.
func filter(q auth.AccountQuery) (where string, args []driver.Value) {
	var conditions []string
	if q.Search != "" {
		pattern := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(q.Search)) + "%"
		conditions = append(conditions, "(LOWER(a.username) LIKE ? ESCAPE '!' OR LOWER(a.email) LIKE ? ESCAPE '!'"+
			" OR LOWER(a.first_name) LIKE ? ESCAPE '!' OR LOWER(a.last_name) LIKE ? ESCAPE '!')")
		args = append(args, pattern, pattern, pattern, pattern)
	}
	for _, f := range []struct {
		column string
		want   *bool
	}{{"is_active", q.IsActive}, {"is_staff", q.IsStaff}, {"is_superuser", q.IsSuperuser}} {
		if f.want != nil {
			conditions = append(conditions, "a."+f.column+" = ?")
			args = append(args, flag(*f.want))
		}
	}
	if q.Group != 0 {
		conditions = append(conditions, "a.id IN (SELECT user_id FROM auth_user_groups WHERE group_id = ?)")
		args = append(args, q.Group)
	}
	if q.Holds != "" {
		app, codename, _ := strings.Cut(string(q.Holds), ".")
		conditions = append(conditions, "(a.is_superuser = 1 OR a.id IN ("+holdersOfOwn+") OR a.id IN ("+holdersByGroup+"))")
		args = append(args, app, codename, app, codename)
	}
	if len(conditions) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(conditions, " AND "), args
}

func accounts(c sqldb.Conn, query string, args ...driver.Value) (found []auth.Account, err error) {
	err = c.Query(query, func(row []driver.Value) error {
		a, err := scanAccount(row)
		found = append(found, a)
		return err
	}, args...)
	return found, err
}

// scanAccount reads a row that begins with accountColumns.
func scanAccount(row []driver.Value) (a auth.Account, err error) {
	text := func(i int) string { return sqldb.TextOf(row[i]).String }
	a.ID, _ = row[0].(int64)
	a.Username, a.Password, a.Email, a.FirstName, a.LastName = text(1), secret.New(text(2)), text(3), text(4), text(5)
	a.IsActive, a.IsStaff, a.IsSuperuser = sqldb.IsTrue(row[6]), sqldb.IsTrue(row[7]), sqldb.IsTrue(row[8])
	if a.LastLogin, err = timeAt(row[9], "auth_user.last_login"); err != nil {
		return a, err
	}
	a.DateJoined, err = timeAt(row[10], "auth_user.date_joined")
	return a, err
}

// TakenUsername implements auth.AccountTx. Names are compared as the column's
// collation does, and so as the unique key does.
func (t tx) TakenUsername(username string, except int64) (bool, error) {
	n, err := sqldb.Integer(t, takenUsername, username, except)
	return n == 1, err
}

// values are the columns of an account as Django stores them.
func values(a auth.Account) []driver.Value {
	var lastLogin driver.Value
	if !a.LastLogin.IsZero() {
		lastLogin = sqldb.FormatTime(a.LastLogin)
	}
	return []driver.Value{
		a.Username, a.Password.Reveal(), a.Email, a.FirstName, a.LastName,
		flag(a.IsActive), flag(a.IsStaff), flag(a.IsSuperuser), lastLogin, sqldb.FormatTime(a.DateJoined),
	}
}

// InsertAccount implements auth.AccountTx.
func (t tx) InsertAccount(a auth.Account) (int64, error) {
	result, err := t.Exec(insertAccount, values(a)...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// UpdateAccount implements auth.AccountTx.
func (t tx) UpdateAccount(a auth.Account) error {
	_, err := t.Exec(updateAccount, append(values(a), a.ID)...)
	return err
}

// DeleteAccount implements auth.AccountTx.
func (t tx) DeleteAccount(id int64) error { return t.each(deleteAccount, id) }

// each runs statements that take one id.
func (t tx) each(statements []string, id int64) error {
	for _, statement := range statements {
		if _, err := t.Exec(statement, id); err != nil {
			return err
		}
	}
	return nil
}

// SetPermissions implements auth.AccountTx.
func (t tx) SetPermissions(id int64, permissions []access.Permission) error {
	return t.replace(clearPermissions, insertPermission, id, permissions)
}

// replace removes an owner's permissions and inserts others.
func (t tx) replace(clearAll, insert string, owner int64, permissions []access.Permission) error {
	if _, err := t.Exec(clearAll, owner); err != nil {
		return err
	}
	for _, p := range permissions {
		app, codename, _ := strings.Cut(string(p), ".")
		if _, err := t.Exec(insert, owner, app, codename); err != nil {
			return err
		}
	}
	return nil
}

// SetGroups implements auth.AccountTx.
func (t tx) SetGroups(id int64, groups []int64) error {
	if _, err := t.Exec(clearGroups, id); err != nil {
		return err
	}
	for _, group := range groups {
		if _, err := t.Exec(insertGroup, id, group); err != nil {
			return err
		}
	}
	return nil
}

// CountOtherSuperusers implements auth.AccountTx.
func (t tx) CountOtherSuperusers(except int64) (n int64, err error) {
	err = t.Query(selectSuperusers+t.o.ForUpdate, func(row []driver.Value) error {
		if row[0] != except {
			n++
		}
		return nil
	})
	return n, err
}
