-- When a recipient of a mailing is tried next, and how often it was deferred.

-- +goose NO TRANSACTION
-- +goose Up
SET @roster_due = IF(EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
  AND table_name = 'roster_deliveries' AND column_name = 'due_at'),
  'DO 0', 'ALTER TABLE roster_deliveries ADD COLUMN attempts int NOT NULL DEFAULT 0,
    ADD COLUMN due_at datetime(6) NOT NULL DEFAULT \'2000-01-01 00:00:00\',
    ADD KEY roster_deliveries_due (task_id, state, due_at, id)');
PREPARE roster_due FROM @roster_due;
EXECUTE roster_due;
DEALLOCATE PREPARE roster_due;
