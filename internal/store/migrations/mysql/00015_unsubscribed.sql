-- Users who get no mailings.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS roster_unsubscribed (
  user_id bigint NOT NULL,
  created_at datetime(6) NOT NULL,
  PRIMARY KEY (user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
