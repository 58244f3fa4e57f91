-- By which door an entry's actor came in, "" in entries that are older than this
-- column; and the second row of the head, which is where the chain begins once
-- its oldest entries were removed. MySQL cannot add a column only where it is
-- missing, so a statement is made that does nothing where it is there.

-- +goose NO TRANSACTION
-- +goose Up
SET @roster_door = IF(EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
  AND table_name = 'roster_audit_entries' AND column_name = 'door'),
  'DO 0', 'ALTER TABLE roster_audit_entries ADD COLUMN door varchar(16) NOT NULL DEFAULT ''''');
PREPARE roster_door FROM @roster_door;
EXECUTE roster_door;
DEALLOCATE PREPARE roster_door;

INSERT INTO roster_audit_head (id, link, seal, proof) SELECT 2, 0, '', '' FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM roster_audit_head WHERE id = 2);
