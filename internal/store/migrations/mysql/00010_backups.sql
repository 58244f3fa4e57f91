-- Good backups: made, and read back.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS roster_backups (
  id bigint NOT NULL AUTO_INCREMENT,
  created_at datetime(6) NOT NULL,
  path longtext NOT NULL,
  bytes bigint NOT NULL,
  total_rows bigint NOT NULL,
  digest varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (id),
  KEY roster_backups_created_at (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
