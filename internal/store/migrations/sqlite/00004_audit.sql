-- The audit trail: who did what. link and seal are given soon after an entry
-- was written; the one row of the head is the end of the chain that they make.

-- +goose Up
CREATE TABLE IF NOT EXISTS roster_audit_entries (
  id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  created_at datetime NOT NULL,
  actor_id bigint NOT NULL,
  actor varchar(200) NOT NULL,
  action varchar(32) NOT NULL,
  object_type varchar(64) NOT NULL,
  object_id bigint NOT NULL,
  object_name varchar(200) NOT NULL,
  changes text NOT NULL,
  address varchar(64) NOT NULL,
  request_id varchar(64) NOT NULL,
  reason varchar(255) NOT NULL,
  link bigint NULL UNIQUE,
  seal varchar(80) NULL
);
CREATE INDEX IF NOT EXISTS roster_audit_entries_object ON roster_audit_entries (object_type, object_id, id);
CREATE TABLE IF NOT EXISTS roster_audit_head (
  id integer NOT NULL PRIMARY KEY,
  link bigint NOT NULL,
  seal varchar(80) NOT NULL,
  proof varchar(80) NOT NULL
);
INSERT INTO roster_audit_head (id, link, seal, proof) SELECT 1, 0, '', '' WHERE NOT EXISTS (SELECT 1 FROM roster_audit_head);
