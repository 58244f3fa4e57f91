-- The logins at OpenID Connect providers that are linked to accounts, the groups
-- that their claims have named, and the sessions that they began. As with sessions,
-- nothing refers to Django's tables by a key, so that Django can delete its rows.

-- +goose Up
CREATE TABLE IF NOT EXISTS roster_identities (
  id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  account_id bigint NOT NULL,
  issuer varchar(255) NOT NULL,
  subject varchar(255) NOT NULL,
  email varchar(254) NOT NULL,
  created_at datetime NOT NULL,
  used_at datetime NULL,
  UNIQUE (issuer, subject)
);
CREATE INDEX IF NOT EXISTS roster_identities_account_id ON roster_identities (account_id);
CREATE TABLE IF NOT EXISTS roster_identity_groups (
  identity_id bigint NOT NULL,
  group_id bigint NOT NULL,
  PRIMARY KEY (identity_id, group_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS roster_identity_groups_group_id ON roster_identity_groups (group_id);
ALTER TABLE roster_sessions ADD COLUMN identity_id bigint NOT NULL DEFAULT 0;
ALTER TABLE roster_sessions ADD COLUMN mfa bool NOT NULL DEFAULT 0;
