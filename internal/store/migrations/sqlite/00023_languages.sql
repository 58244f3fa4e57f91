-- The language that an account has chosen for pages, as Django writes its
-- code. As with sessions, nothing refers to auth_user by a key, so that Django can
-- delete its rows.

-- +goose Up
CREATE TABLE IF NOT EXISTS roster_account_languages (
  account_id bigint NOT NULL PRIMARY KEY,
  language varchar(35) NOT NULL
);
