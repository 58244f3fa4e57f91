-- The trace of the request that stored a task, of which its runs become part.

-- +goose NO TRANSACTION
-- +goose Up
SET @roster_trace = IF(EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
  AND table_name = 'roster_tasks' AND column_name = 'trace'),
  'DO 0', 'ALTER TABLE roster_tasks ADD COLUMN trace varchar(55) CHARACTER SET ascii COLLATE ascii_bin NULL');
PREPARE roster_trace FROM @roster_trace;
EXECUTE roster_trace;
DEALLOCATE PREPARE roster_trace;
