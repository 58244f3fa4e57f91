-- The API tokens of accounts. As with sessions, nothing refers to auth_user by a
-- key, so that Django can delete its rows.

-- +goose Up
CREATE TABLE IF NOT EXISTS roster_api_tokens (
  id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  digest varchar(64) NOT NULL UNIQUE,
  account_id bigint NOT NULL,
  name varchar(100) NOT NULL,
  hint varchar(20) NOT NULL,
  scopes varchar(255) NOT NULL,
  created_at datetime NOT NULL,
  expires_at datetime NULL,
  used_at datetime NULL,
  used_from varchar(64) NOT NULL
);
CREATE INDEX IF NOT EXISTS roster_api_tokens_account_id ON roster_api_tokens (account_id);
