-- Mailings that a person pauses, and an index for the list of deliveries.

-- +goose Up
ALTER TABLE roster_tasks ADD COLUMN pause_asked bool NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS roster_deliveries_by_state ON roster_deliveries (state, id);
