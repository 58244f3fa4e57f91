-- Users who get no mailings.

-- +goose Up
CREATE TABLE IF NOT EXISTS roster_unsubscribed (
  user_id bigint NOT NULL PRIMARY KEY,
  created_at datetime NOT NULL
);
