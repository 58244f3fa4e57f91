package store

import (
	"context"
	"database/sql/driver"

	"roster/internal/auth"
	"roster/internal/form"
	"roster/internal/query"
	"roster/internal/store/sqldb"
)

const (
	selectIdentities = "SELECT i.id, i.account_id, i.issuer, i.subject, i.email, CAST(i.created_at AS CHAR), CAST(i.used_at AS CHAR)" +
		" FROM roster_identities i"
	selectIdentity     = selectIdentities + " WHERE i.issuer = ? AND i.subject = ?"
	selectIdentityByID = selectIdentities + " WHERE i.id = ?"
	selectIdentitiesOf = selectIdentities + " WHERE i.account_id = ? ORDER BY i.id LIMIT 1000"

	insertIdentity = "INSERT INTO roster_identities (account_id, issuer, subject, email, created_at, used_at) VALUES (?, ?, ?, ?, ?, ?)"
	updateIdentity = "UPDATE roster_identities SET email = ?, used_at = ? WHERE id = ?"

	selectIdentityGroups = "SELECT group_id FROM roster_identity_groups WHERE identity_id = ? ORDER BY group_id"
	clearIdentityGroups  = "DELETE FROM roster_identity_groups WHERE identity_id = ?"
	insertIdentityGroup  = "INSERT INTO roster_identity_groups (identity_id, group_id) VALUES (?, ?)"

	endIdentitySessions = "DELETE FROM roster_sessions WHERE account_id = (SELECT account_id FROM roster_identities WHERE id = ?) AND identity_id = ?"
)

// ListIdentities implements auth.IdentityReader.
func (s *Store) ListIdentities(ctx context.Context, account int64) ([]auth.Identity, error) {
	return read(query.Fresh(ctx), s, "list identities", func(c sqldb.Conn) ([]auth.Identity, error) {
		return all(c, scanIdentity, selectIdentitiesOf, account)
	})
}

// FindIdentity implements auth.IdentityReader.
func (s *Store) FindIdentity(ctx context.Context, issuer, subject string) (auth.Identity, error) {
	return read(query.Fresh(ctx), s, "find an identity", func(c sqldb.Conn) (auth.Identity, error) {
		return one(c, scanIdentity, selectIdentity, issuer, subject)
	})
}

func scanIdentity(row []driver.Value) (i auth.Identity, err error) {
	err = sqldb.Scan(row, &i.ID, &i.Account, &i.Issuer, &i.Subject, &i.Email, &i.CreatedAt, &i.UsedAt)
	return i, err
}

// FindIdentity implements auth.IdentityTx.
func (t *tx) FindIdentity(issuer, subject string) (auth.Identity, error) {
	return one(t, scanIdentity, selectIdentity+t.forUpdate, issuer, subject)
}

// FindIdentityByID implements auth.IdentityTx.
func (t *tx) FindIdentityByID(id int64) (auth.Identity, error) {
	return one(t, scanIdentity, selectIdentityByID+t.forUpdate, id)
}

// ListIdentities implements auth.IdentityTx.
func (t *tx) ListIdentities(account int64) ([]auth.Identity, error) {
	return all(t, scanIdentity, selectIdentitiesOf+t.forUpdate, account)
}

// InsertIdentity implements auth.IdentityTx.
func (t *tx) InsertIdentity(i auth.Identity) (int64, error) {
	return insert(t, insertIdentity, i.Account, i.Issuer, i.Subject, i.Email, sqldb.FormatTime(i.CreatedAt), timeOrNull(i.UsedAt))
}

// UpdateIdentity implements auth.IdentityTx.
func (t *tx) UpdateIdentity(i auth.Identity) error {
	return exec(t, updateIdentity, i.Email, timeOrNull(i.UsedAt), i.ID)
}

// DeleteIdentity implements auth.IdentityTx.
func (t *tx) DeleteIdentity(id int64) error {
	if err := exec(t, endIdentitySessions, id, id); err != nil {
		return err
	}
	if err := exec(t, clearIdentityGroups, id); err != nil {
		return err
	}
	return t.deleteRow("roster_identities", id)
}

// IdentityGroups implements auth.IdentityTx.
func (t *tx) IdentityGroups(id int64) ([]int64, error) {
	return all(t, scanID, selectIdentityGroups, id)
}

// SetIdentityGroups implements auth.IdentityTx.
func (t *tx) SetIdentityGroups(id int64, groups []int64) error {
	if err := exec(t, clearIdentityGroups, id); err != nil {
		return err
	}
	for _, group := range groups {
		if err := exec(t, insertIdentityGroup, id, group); err != nil {
			return err
		}
	}
	return nil
}

// TakenEmail implements auth.AccountTx.
func (t *tx) TakenEmail(email string) (bool, error) {
	return exists(t, takenEmail, form.Lower(email))
}
