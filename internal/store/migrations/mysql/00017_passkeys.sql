-- The passkeys of accounts, with public keys only. As with sessions, nothing
-- refers to auth_user by a key, so that Django can delete its rows. What is bytes
-- is in base64url; the digest is that of the credential.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS roster_passkeys (
  id bigint NOT NULL AUTO_INCREMENT,
  digest varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account_id bigint NOT NULL,
  site varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name varchar(100) NOT NULL,
  created_at datetime(6) NOT NULL,
  used_at datetime(6) NULL,
  credential varchar(1400) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  public_key varchar(2800) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  handle varchar(86) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  aaguid varchar(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  flags int NOT NULL,
  sign_count bigint NOT NULL,
  transports varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY roster_passkeys_digest (digest),
  KEY roster_passkeys_account_id (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
