-- What was answered to creates that came with an Idempotency-Key. The key is a
-- hash of the client's; the answer is the user as it was created, as JSON.

-- +goose Up
CREATE TABLE IF NOT EXISTS roster_idempotency_keys (
  id integer NOT NULL PRIMARY KEY,
  key_hash varchar(64) NOT NULL UNIQUE,
  answer text NOT NULL,
  created_at datetime NOT NULL
);
CREATE INDEX IF NOT EXISTS roster_idempotency_keys_created_at ON roster_idempotency_keys (created_at);
