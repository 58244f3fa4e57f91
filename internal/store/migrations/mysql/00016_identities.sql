-- The logins at OpenID Connect providers that are linked to accounts, the groups
-- that their claims have named, and the sessions that they began. As with sessions,
-- nothing refers to Django's tables by a key, so that Django can delete its rows.
-- MySQL cannot add a column only where it is missing, so a statement is made that
-- does nothing where it is there.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS roster_identities (
  id bigint NOT NULL AUTO_INCREMENT,
  account_id bigint NOT NULL,
  issuer varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin NOT NULL,
  email varchar(254) NOT NULL,
  created_at datetime(6) NOT NULL,
  used_at datetime(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY roster_identities_subject (issuer, subject),
  KEY roster_identities_account_id (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS roster_identity_groups (
  identity_id bigint NOT NULL,
  group_id bigint NOT NULL,
  PRIMARY KEY (identity_id, group_id),
  KEY roster_identity_groups_group_id (group_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;

SET @roster_session_identity = IF(EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
  AND table_name = 'roster_sessions' AND column_name = 'identity_id'),
  'DO 0', 'ALTER TABLE roster_sessions ADD COLUMN identity_id bigint NOT NULL DEFAULT 0');
PREPARE roster_session_identity FROM @roster_session_identity;
EXECUTE roster_session_identity;
DEALLOCATE PREPARE roster_session_identity;

SET @roster_session_mfa = IF(EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
  AND table_name = 'roster_sessions' AND column_name = 'mfa'),
  'DO 0', 'ALTER TABLE roster_sessions ADD COLUMN mfa tinyint(1) NOT NULL DEFAULT 0');
PREPARE roster_session_mfa FROM @roster_session_mfa;
EXECUTE roster_session_mfa;
DEALLOCATE PREPARE roster_session_mfa;
