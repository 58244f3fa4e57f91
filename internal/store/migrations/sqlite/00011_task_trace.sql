-- The trace of the request that stored a task, of which its runs become part.

-- +goose Up
ALTER TABLE roster_tasks ADD COLUMN trace varchar(55) NULL;
