-- Mailings that a person pauses, and an index for the list of deliveries.

-- +goose NO TRANSACTION
-- +goose Up
SET @roster_pause = IF(EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
  AND table_name = 'roster_tasks' AND column_name = 'pause_asked'),
  'DO 0', 'ALTER TABLE roster_tasks ADD COLUMN pause_asked bool NOT NULL DEFAULT 0');
PREPARE roster_pause FROM @roster_pause;
EXECUTE roster_pause;
DEALLOCATE PREPARE roster_pause;
SET @roster_lists = IF(EXISTS (SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
  AND table_name = 'roster_deliveries' AND index_name = 'roster_deliveries_by_state'),
  'DO 0', 'ALTER TABLE roster_deliveries ADD KEY roster_deliveries_by_state (state, id)');
PREPARE roster_lists FROM @roster_lists;
EXECUTE roster_lists;
DEALLOCATE PREPARE roster_lists;
