-- The refresh token that continues a login with JSON Web Tokens, "" in sessions of
-- browsers; and the private keys of these tokens, encrypted with SECRET_KEY. MySQL
-- cannot add a column only where it is missing, so a statement is made that does
-- nothing where it is there.

-- +goose NO TRANSACTION
-- +goose Up
SET @roster_refresh = IF(EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
  AND table_name = 'roster_sessions' AND column_name = 'refresh_id'),
  'DO 0', 'ALTER TABLE roster_sessions ADD COLUMN refresh_id varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''''');
PREPARE roster_refresh FROM @roster_refresh;
EXECUTE roster_refresh;
DEALLOCATE PREPARE roster_refresh;

CREATE TABLE IF NOT EXISTS roster_signing_keys (
  id varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  algorithm varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sealed text CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at datetime(6) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
