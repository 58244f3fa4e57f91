-- What an entry's actor acted with, "" in entries that are older than this column.
-- MySQL cannot add a column only where it is missing, so a statement is made that
-- does nothing where it is there.

-- +goose NO TRANSACTION
-- +goose Up
SET @roster_credential = IF(EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
  AND table_name = 'roster_audit_entries' AND column_name = 'credential'),
  'DO 0', 'ALTER TABLE roster_audit_entries ADD COLUMN credential varchar(200) NOT NULL DEFAULT ''''');
PREPARE roster_credential FROM @roster_credential;
EXECUTE roster_credential;
DEALLOCATE PREPARE roster_credential;
