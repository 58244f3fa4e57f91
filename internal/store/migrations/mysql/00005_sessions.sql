-- Who has logged in, the second factors of accounts, and how often logins were
-- tried. Nothing refers to auth_user by a key, so that Django can delete its
-- rows; what belongs to no account counts for nothing, as ids are not used again.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS roster_sessions (
  id bigint NOT NULL AUTO_INCREMENT,
  token_digest varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account_id bigint NOT NULL,
  mark varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at datetime(6) NOT NULL,
  seen_at datetime(6) NOT NULL,
  ends_at datetime(6) NOT NULL,
  confirmed_at datetime(6) NOT NULL,
  needs_code tinyint(1) NOT NULL,
  address varchar(64) NOT NULL,
  user_agent varchar(255) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY roster_sessions_token_digest (token_digest),
  KEY roster_sessions_account_id (account_id, seen_at),
  KEY roster_sessions_ends_at (ends_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS roster_totp (
  account_id bigint NOT NULL,
  secret varchar(64) NOT NULL,
  confirmed tinyint(1) NOT NULL,
  last_used bigint NOT NULL,
  recovery longtext NOT NULL,
  PRIMARY KEY (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS roster_counters (
  counter_key varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  started bigint NOT NULL,
  ends bigint NOT NULL,
  used int NOT NULL,
  PRIMARY KEY (counter_key),
  KEY roster_counters_ends (ends)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
