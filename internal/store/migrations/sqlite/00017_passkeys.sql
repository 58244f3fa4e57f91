-- The passkeys of accounts, with public keys only. As with sessions, nothing
-- refers to auth_user by a key, so that Django can delete its rows. What is bytes
-- is in base64url; the digest is that of the credential.

-- +goose Up
CREATE TABLE IF NOT EXISTS roster_passkeys (
  id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  digest varchar(64) NOT NULL UNIQUE,
  account_id bigint NOT NULL,
  site varchar(255) NOT NULL,
  name varchar(100) NOT NULL,
  created_at datetime NOT NULL,
  used_at datetime NULL,
  credential text NOT NULL,
  public_key text NOT NULL,
  handle varchar(86) NOT NULL,
  aaguid varchar(22) NOT NULL,
  flags integer NOT NULL,
  sign_count bigint NOT NULL,
  transports varchar(100) NOT NULL
);
CREATE INDEX IF NOT EXISTS roster_passkeys_account_id ON roster_passkeys (account_id);
