-- What an entry's actor acted with, "" in entries that are older than this column.

-- +goose Up
ALTER TABLE roster_audit_entries ADD COLUMN credential varchar(200) NOT NULL DEFAULT '';
