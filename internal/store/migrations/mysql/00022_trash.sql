-- Deleted users, each with its whole row as JSON, for TRASH_KEEP_DAYS. The id is that
-- of the user. Nothing refers to a deleted user by a key.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS roster_trash (
  id bigint NOT NULL,
  username varchar(255) NOT NULL,
  email varchar(255) NOT NULL,
  first_name varchar(255) NOT NULL,
  last_name varchar(255) NOT NULL,
  fields longtext NOT NULL,
  unsubscribed_at datetime(6) NULL,
  deleted_at datetime(6) NOT NULL,
  actor_id bigint NOT NULL,
  actor varchar(200) NOT NULL,
  door varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason varchar(255) NOT NULL,
  PRIMARY KEY (id),
  KEY roster_trash_deleted_at (deleted_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
