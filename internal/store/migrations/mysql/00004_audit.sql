-- The audit trail: who did what. link and seal are given soon after an entry
-- was written; the one row of the head is the end of the chain that they make.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS roster_audit_entries (
  id bigint NOT NULL AUTO_INCREMENT,
  created_at datetime(6) NOT NULL,
  actor_id bigint NOT NULL,
  actor varchar(200) NOT NULL,
  action varchar(32) NOT NULL,
  object_type varchar(64) NOT NULL,
  object_id bigint NOT NULL,
  object_name varchar(200) NOT NULL,
  changes longtext NOT NULL,
  address varchar(64) NOT NULL,
  request_id varchar(64) NOT NULL,
  reason varchar(255) NOT NULL,
  link bigint NULL,
  seal varchar(80) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY roster_audit_entries_link (link),
  KEY roster_audit_entries_object (object_type, object_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS roster_audit_head (
  id int NOT NULL,
  link bigint NOT NULL,
  seal varchar(80) NOT NULL,
  proof varchar(80) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;

INSERT INTO roster_audit_head (id, link, seal, proof) SELECT 1, 0, '', '' FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM roster_audit_head);
