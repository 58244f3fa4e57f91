-- The refresh token that continues a login with JSON Web Tokens, "" in sessions of
-- browsers; and the private keys of these tokens, encrypted with SECRET_KEY.

-- +goose Up
ALTER TABLE roster_sessions ADD COLUMN refresh_id varchar(32) NOT NULL DEFAULT '';
CREATE TABLE IF NOT EXISTS roster_signing_keys (
  id varchar(32) NOT NULL PRIMARY KEY,
  algorithm varchar(16) NOT NULL,
  sealed text NOT NULL,
  created_at datetime NOT NULL
);
