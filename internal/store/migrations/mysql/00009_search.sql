-- What a search reads instead of every user: for up to three letters the ids
-- of users who have them, by blocks of ids, and the ids of users who were written
-- since. The triggers that note these are made apart, see ADR 0016.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS roster_search_cells (
  cell bigint NOT NULL,
  n int NOT NULL,
  ids blob NOT NULL,
  PRIMARY KEY (cell)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE IF NOT EXISTS roster_search_pending (
  id bigint NOT NULL AUTO_INCREMENT,
  user_id bigint NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE IF NOT EXISTS roster_search_state (
  id int NOT NULL,
  version varchar(50) NOT NULL,
  epoch bigint NOT NULL,
  built bigint NOT NULL,
  complete int NOT NULL,
  holder varchar(64) NOT NULL,
  until_at bigint NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT IGNORE INTO roster_search_state (id, version, epoch, built, complete, holder, until_at) VALUES (1, '', 0, 0, 0, '', 0);
