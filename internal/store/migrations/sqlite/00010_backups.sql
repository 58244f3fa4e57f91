-- Good backups: made, and read back.

-- +goose Up
CREATE TABLE IF NOT EXISTS roster_backups (
  id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  created_at datetime NOT NULL,
  path text NOT NULL,
  bytes bigint NOT NULL,
  total_rows bigint NOT NULL,
  digest varchar(64) NOT NULL
);
CREATE INDEX IF NOT EXISTS roster_backups_created_at ON roster_backups (created_at);
