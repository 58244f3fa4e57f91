-- The API tokens of accounts. As with sessions, nothing refers to auth_user by a
-- key, so that Django can delete its rows.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS roster_api_tokens (
  id bigint NOT NULL AUTO_INCREMENT,
  digest varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account_id bigint NOT NULL,
  name varchar(100) NOT NULL,
  hint varchar(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  scopes varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at datetime(6) NOT NULL,
  expires_at datetime(6) NULL,
  used_at datetime(6) NULL,
  used_from varchar(64) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY roster_api_tokens_digest (digest),
  KEY roster_api_tokens_account_id (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
