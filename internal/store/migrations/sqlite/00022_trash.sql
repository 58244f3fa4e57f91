-- Deleted users, each with its whole row as JSON, for TRASH_KEEP_DAYS. The id is that
-- of the user. Nothing refers to a deleted user by a key.

-- +goose Up
CREATE TABLE IF NOT EXISTS roster_trash (
  id integer NOT NULL PRIMARY KEY,
  username varchar(255) NOT NULL,
  email varchar(255) NOT NULL,
  first_name varchar(255) NOT NULL,
  last_name varchar(255) NOT NULL,
  fields text NOT NULL,
  unsubscribed_at datetime NULL,
  deleted_at datetime NOT NULL,
  actor_id bigint NOT NULL,
  actor varchar(200) NOT NULL,
  door varchar(16) NOT NULL,
  reason varchar(255) NOT NULL
);
CREATE INDEX IF NOT EXISTS roster_trash_deleted_at ON roster_trash (deleted_at, id);
