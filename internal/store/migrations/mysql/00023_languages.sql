-- The language that an account has chosen for pages, as Django writes its
-- code. As with sessions, nothing refers to auth_user by a key, so that Django can
-- delete its rows.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS roster_account_languages (
  account_id bigint NOT NULL,
  language varchar(35) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
