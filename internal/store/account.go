package store

import (
	"context"
	"database/sql/driver"
	"strings"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/query"
	"roster/internal/secret"
	"roster/internal/store/sqldb"
)

const (
	accountColumns = "a.id, a.username, a.password, a.email, a.first_name, a.last_name, a.is_active, a.is_staff, a.is_superuser," +
		" CAST(a.last_login AS CHAR), CAST(a.date_joined AS CHAR)," +
		" COALESCE((SELECT l.language FROM roster_account_languages l WHERE l.account_id = a.id), '')"
	selectAccounts     = "SELECT " + accountColumns + " FROM auth_user a"
	selectAccount      = selectAccounts + " WHERE a.id = ?"
	selectAccountNamed = selectAccounts + " WHERE a.username = ?"
	selectAccountsOf   = selectAccounts + " WHERE a.is_active = 1 AND a.is_staff = 1 AND LOWER(a.email) = ? ORDER BY a.id LIMIT ?"

	insertAccount = "INSERT INTO auth_user (username, password, email, first_name, last_name, is_active, is_staff, is_superuser," +
		" last_login, date_joined) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	updateAccount = "UPDATE auth_user SET username = ?, password = ?, email = ?, first_name = ?, last_name = ?, is_active = ?," +
		" is_staff = ?, is_superuser = ?, last_login = ?, date_joined = ? WHERE id = ?"
	takenUsername = "SELECT EXISTS (SELECT 1 FROM auth_user WHERE username = ? AND id <> ?)"
	takenEmail    = "SELECT EXISTS (SELECT 1 FROM auth_user WHERE LOWER(email) = ?)"
	// The rows themselves; MySQL locks them.
	selectSuperusers = "SELECT id FROM auth_user WHERE is_superuser = 1 AND is_staff = 1 AND is_active = 1"

	// The accounts with a permission, directly or through a group.
	holdersOfOwn = "SELECT o.user_id FROM auth_user_user_permissions o JOIN auth_permission p ON p.id = o.permission_id" +
		" JOIN django_content_type c ON c.id = p.content_type_id WHERE c.app_label = ? AND p.codename = ?"
	holdersByGroup = "SELECT ug.user_id FROM auth_user_groups ug JOIN auth_group_permissions gp ON gp.group_id = ug.group_id" +
		" JOIN auth_permission p ON p.id = gp.permission_id JOIN django_content_type c ON c.id = p.content_type_id" +
		" WHERE c.app_label = ? AND p.codename = ?"

	clearPermissions = "DELETE FROM auth_user_user_permissions WHERE user_id = ?"
	insertPermission = "INSERT INTO auth_user_user_permissions (user_id, permission_id)" +
		" SELECT ?, p.id FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id" +
		" WHERE c.app_label = ? AND p.codename = ?"
	deleteLanguage = "DELETE FROM roster_account_languages WHERE account_id = ?"
	insertLanguage = "INSERT INTO roster_account_languages (account_id, language) VALUES (?, ?)"

	clearGroups = "DELETE FROM auth_user_groups WHERE user_id = ?"
	insertGroup = "INSERT INTO auth_user_groups (user_id, group_id) VALUES (?, ?)"
)

// deleteAccount deletes what references an account. Each statement takes the id.
var deleteAccount = []string{
	"DELETE FROM roster_sessions WHERE account_id = ?",
	"DELETE FROM roster_api_tokens WHERE account_id = ?",
	"DELETE FROM roster_totp WHERE account_id = ?",
	"DELETE FROM roster_passkeys WHERE account_id = ?",
	"DELETE FROM roster_identity_groups WHERE identity_id IN (SELECT id FROM roster_identities WHERE account_id = ?)",
	"DELETE FROM roster_identities WHERE account_id = ?",
	deleteLanguage,
	"DELETE FROM django_admin_log WHERE user_id = ?",
	clearPermissions,
	clearGroups,
}

// FindAccount implements auth.AccountReader.
func (s *Store) FindAccount(ctx context.Context, id int64) (a auth.Account, h auth.Holdings, err error) {
	err = s.db.Read(query.Fresh(ctx), "find account", func(c sqldb.Conn) error {
		a, h, err = s.unreadable.findAccount(c, selectAccount, id)
		return err
	})
	return a, h, err
}

// FindAccount implements auth.AccountTx.
func (t *tx) FindAccount(id int64) (auth.Account, auth.Holdings, error) {
	return t.unreadable.findAccount(t, selectAccount+t.forUpdate, id)
}

func (u *unreadableRows) findAccount(c sqldb.Conn, query string, id int64) (a auth.Account, h auth.Holdings, err error) {
	if a, err = one(c, u.accounts(), query, id); err == nil {
		h, err = holdings(c, id)
	}
	return a, h, err
}

// holdings returns an account's holdings.
func holdings(c sqldb.Conn, id int64) (h auth.Holdings, err error) {
	if h.Permissions, err = permissions(c, selectOwn, id); err != nil {
		return h, err
	}
	h.Groups, err = groups(c, " WHERE g.id IN (SELECT group_id FROM auth_user_groups WHERE user_id = ?)", id)
	return h, err
}

// FindAccountNamed implements auth.AccountReader. Names compare by the collation
// of the column, as in Django's get_by_natural_key: in a table that Django made
// on MySQL, "ada" is the account "Ada". If several accounts match, because the
// column has no unique key, only one of exactly that name counts.
func (s *Store) FindAccountNamed(ctx context.Context, username string) (auth.Account, error) {
	found, err := s.accounts(ctx, "find account by name", selectAccountNamed, username)
	if err != nil {
		return auth.Account{}, err
	}
	for _, a := range found {
		if len(found) == 1 || a.Username == username {
			return a, nil
		}
	}
	return auth.Account{}, errNotFound
}

// ListAccountsOf implements auth.AccountReader. It reads all accounts, as Django
// does: Django's table has no index on addresses, and gets none.
func (s *Store) ListAccountsOf(ctx context.Context, email string, limit int) ([]auth.Account, error) {
	return s.accounts(ctx, "list accounts of an address", selectAccountsOf, email, int64(limit))
}

// ListAccounts implements auth.AccountReader. A negative offset counts as 0; a
// limit below 1 returns none.
func (s *Store) ListAccounts(ctx context.Context, q auth.AccountQuery, offset int64, limit int) ([]auth.Account, error) {
	if limit < 1 {
		return nil, nil
	}
	w := accountFilter(q)
	return s.accounts(ctx, "list accounts", selectAccounts+w.String()+" ORDER BY a.username, a.id LIMIT ? OFFSET ?",
		w.with(int64(limit), max(offset, 0))...)
}

func (s *Store) accounts(ctx context.Context, name, statement string, args ...driver.Value) ([]auth.Account, error) {
	return read(query.Fresh(ctx), s, name, func(c sqldb.Conn) ([]auth.Account, error) { return all(c, s.unreadable.accounts(), statement, args...) })
}

// CountAccounts implements auth.AccountReader.
func (s *Store) CountAccounts(ctx context.Context, q auth.AccountQuery) (int64, error) {
	w := accountFilter(q)
	return s.readInteger(query.Fresh(ctx), "count accounts", "SELECT COUNT(*) FROM auth_user a"+w.String(), w.args...)
}

// accountFilter returns the condition of a query.
func accountFilter(q auth.AccountQuery) (w where) {
	if q.Search != "" {
		pattern := "%" + likeSpecial.Replace(strings.ToLower(q.Search)) + "%"
		w.add("(LOWER(a.username) LIKE ? ESCAPE '!' OR LOWER(a.email) LIKE ? ESCAPE '!'"+
			" OR LOWER(a.first_name) LIKE ? ESCAPE '!' OR LOWER(a.last_name) LIKE ? ESCAPE '!')", pattern, pattern, pattern, pattern)
	}
	w.addFlag("a.is_active", q.IsActive)
	w.addFlag("a.is_staff", q.IsStaff)
	w.addFlag("a.is_superuser", q.IsSuperuser)
	w.addIf(q.Group != 0, "a.id IN (SELECT user_id FROM auth_user_groups WHERE group_id = ?)", q.Group)
	if q.Holds != "" {
		app, codename, _ := strings.Cut(string(q.Holds), ".")
		w.add("(a.is_superuser = 1 OR a.id IN ("+holdersOfOwn+") OR a.id IN ("+holdersByGroup+"))", app, codename, app, codename)
	}
	return w
}

// scanAccount reads a row that begins with accountColumns.
func scanAccount(row []driver.Value) (a auth.Account, err error) {
	var password string
	err = sqldb.Scan(row, &a.ID, &a.Username, &password, &a.Email, &a.FirstName, &a.LastName, &a.IsActive, &a.IsStaff, &a.IsSuperuser,
		&a.LastLogin, &a.DateJoined, &a.Language)
	a.Password = secret.New(password)
	return a, err
}

// SetLanguage implements auth.AccountTx.
func (t *tx) SetLanguage(id int64, code string) error {
	if err := exec(t, deleteLanguage, id); err != nil || code == "" {
		return err
	}
	return exec(t, insertLanguage, id, code)
}

// TakenUsername implements auth.AccountTx. Names compare by the column's
// collation, like the unique key.
func (t *tx) TakenUsername(username string, except int64) (bool, error) {
	return exists(t, takenUsername, username, except)
}

// accountValues are the columns of an account as Django stores them. A time that
// could not be read is replaced.
func accountValues(a auth.Account) []driver.Value {
	if a.DateJoined.IsZero() {
		a.DateJoined = time.Now()
	}
	return []driver.Value{
		a.Username, a.Password.Reveal(), a.Email, a.FirstName, a.LastName,
		flag(a.IsActive), flag(a.IsStaff), flag(a.IsSuperuser), timeOrNull(a.LastLogin), sqldb.FormatTime(a.DateJoined),
	}
}

// InsertAccount implements auth.AccountTx.
func (t *tx) InsertAccount(a auth.Account) (int64, error) {
	return insert(t, insertAccount, accountValues(a)...)
}

// UpdateAccount implements auth.AccountTx.
func (t *tx) UpdateAccount(a auth.Account) error {
	return exec(t, updateAccount, append(accountValues(a), a.ID)...)
}

// DeleteAccount implements auth.AccountTx.
func (t *tx) DeleteAccount(id int64) error { return t.deleteWith(deleteAccount, "auth_user", id) }

// deleteWith runs statements that take the id of a row, and deletes the row.
func (t *tx) deleteWith(statements []string, table string, id int64) error {
	if err := t.each(statements, id); err != nil {
		return err
	}
	return t.deleteRow(table, id)
}

// each runs statements that take the id.
func (t *tx) each(statements []string, id int64) error {
	for _, statement := range statements {
		if err := exec(t, statement, id); err != nil {
			return err
		}
	}
	return nil
}

// SetPermissions implements auth.AccountTx.
func (t *tx) SetPermissions(id int64, permissions []access.Permission) error {
	return t.replacePermissions(clearPermissions, insertPermission, id, permissions)
}

// replacePermissions replaces an owner's permissions.
func (t *tx) replacePermissions(clearAll, statement string, owner int64, permissions []access.Permission) error {
	if err := exec(t, clearAll, owner); err != nil {
		return err
	}
	for _, p := range permissions {
		app, codename, _ := strings.Cut(string(p), ".")
		if err := exec(t, statement, owner, app, codename); err != nil {
			return err
		}
	}
	return nil
}

// SetGroups implements auth.AccountTx.
func (t *tx) SetGroups(id int64, groups []int64) error {
	if err := exec(t, clearGroups, id); err != nil {
		return err
	}
	for _, group := range groups {
		if err := exec(t, insertGroup, id, group); err != nil {
			return err
		}
	}
	return nil
}

// CountOtherSuperusers implements auth.AccountTx.
func (t *tx) CountOtherSuperusers(except int64) (n int64, err error) {
	ids, err := all(t, scanID, selectSuperusers+t.forUpdate)
	for _, id := range ids {
		if id != except {
			n++
		}
	}
	return n, err
}
