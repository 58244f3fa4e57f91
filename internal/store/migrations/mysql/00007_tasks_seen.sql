-- What lists of tasks are filtered by. None of it changes once a task is stored,
-- so a change of its state touches none of these.
--
-- MySQL has no IF NOT EXISTS for an index. The statement makes all three or none,
-- and is not run where they are.

-- +goose NO TRANSACTION
-- +goose Up
SET @made = (SELECT COUNT(*) FROM information_schema.statistics
  WHERE table_schema = DATABASE() AND table_name = 'roster_tasks' AND index_name = 'roster_tasks_kind');
SET @statement = IF(@made > 0, 'DO 0', 'ALTER TABLE roster_tasks ADD KEY roster_tasks_kind (kind, id), ADD KEY roster_tasks_queue (queue, id), ADD KEY roster_tasks_created (created_at)');
PREPARE roster_tasks_seen FROM @statement;
EXECUTE roster_tasks_seen;
DEALLOCATE PREPARE roster_tasks_seen;
