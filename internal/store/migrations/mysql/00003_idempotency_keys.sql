-- What was answered to creates that came with an Idempotency-Key. The key is a
-- hash of the client's; the answer is the user as it was created, as JSON.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS roster_idempotency_keys (
  id bigint NOT NULL AUTO_INCREMENT,
  key_hash varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  answer longtext NOT NULL,
  created_at datetime(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY roster_idempotency_keys_key_hash (key_hash),
  KEY roster_idempotency_keys_created_at (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
