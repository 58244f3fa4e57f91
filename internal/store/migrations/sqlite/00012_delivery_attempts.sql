-- When a recipient of a mailing is tried next, and how often it was deferred.

-- +goose Up
ALTER TABLE roster_deliveries ADD COLUMN attempts integer NOT NULL DEFAULT 0;
ALTER TABLE roster_deliveries ADD COLUMN due_at datetime NOT NULL DEFAULT '2000-01-01 00:00:00';
CREATE INDEX IF NOT EXISTS roster_deliveries_due ON roster_deliveries (task_id, state, due_at, id);
