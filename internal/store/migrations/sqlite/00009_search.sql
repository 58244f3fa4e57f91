-- What a search reads instead of every user: for up to three letters the ids
-- of users who have them, by blocks of ids, and the ids of users who were written
-- since. The triggers that note these are made apart, see ADR 0016.

-- +goose Up
CREATE TABLE IF NOT EXISTS roster_search_cells (
  cell integer NOT NULL PRIMARY KEY,
  n integer NOT NULL,
  ids blob NOT NULL
);
CREATE TABLE IF NOT EXISTS roster_search_pending (
  id integer NOT NULL PRIMARY KEY,
  user_id bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS roster_search_state (
  id integer NOT NULL PRIMARY KEY,
  version varchar(50) NOT NULL,
  epoch bigint NOT NULL,
  built bigint NOT NULL,
  complete integer NOT NULL,
  holder varchar(64) NOT NULL,
  until_at bigint NOT NULL
);
INSERT OR IGNORE INTO roster_search_state (id, version, epoch, built, complete, holder, until_at) VALUES (1, '', 0, 0, 0, '', 0);
