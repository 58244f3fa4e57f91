-- By which door an entry's actor came in, "" in entries that are older than this
-- column; and the second row of the head, which is where the chain begins once
-- its oldest entries were removed.

-- +goose Up
ALTER TABLE roster_audit_entries ADD COLUMN door varchar(16) NOT NULL DEFAULT '';
INSERT INTO roster_audit_head (id, link, seal, proof) SELECT 2, 0, '', '' WHERE NOT EXISTS (SELECT 1 FROM roster_audit_head WHERE id = 2);
