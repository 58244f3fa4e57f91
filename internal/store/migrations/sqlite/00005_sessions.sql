-- Who has logged in, the second factors of accounts, and how often logins were
-- tried. Nothing refers to auth_user by a key, so that Django can delete its
-- rows; what belongs to no account counts for nothing, as ids are not used again.

-- +goose Up
CREATE TABLE IF NOT EXISTS roster_sessions (
  id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  token_digest varchar(64) NOT NULL UNIQUE,
  account_id bigint NOT NULL,
  mark varchar(64) NOT NULL,
  created_at datetime NOT NULL,
  seen_at datetime NOT NULL,
  ends_at datetime NOT NULL,
  confirmed_at datetime NOT NULL,
  needs_code bool NOT NULL,
  address varchar(64) NOT NULL,
  user_agent varchar(255) NOT NULL
);
CREATE INDEX IF NOT EXISTS roster_sessions_account_id ON roster_sessions (account_id, seen_at);
CREATE INDEX IF NOT EXISTS roster_sessions_ends_at ON roster_sessions (ends_at);
CREATE TABLE IF NOT EXISTS roster_totp (
  account_id bigint NOT NULL PRIMARY KEY,
  secret varchar(64) NOT NULL,
  confirmed bool NOT NULL,
  last_used bigint NOT NULL,
  recovery text NOT NULL
);
CREATE TABLE IF NOT EXISTS roster_counters (
  counter_key varchar(100) NOT NULL PRIMARY KEY,
  started bigint NOT NULL,
  ends bigint NOT NULL,
  used integer NOT NULL
);
CREATE INDEX IF NOT EXISTS roster_counters_ends ON roster_counters (ends);
