-- What the page of a user reads: the tasks whose arguments have its id as user_id,
-- and the messages of mailings to it.

-- +goose Up
ALTER TABLE roster_tasks ADD COLUMN user_id bigint NULL;
UPDATE roster_tasks SET user_id = json_extract(args, '$.user_id') WHERE kind = 'send_welcome_email' AND json_valid(args);
CREATE INDEX IF NOT EXISTS roster_tasks_user ON roster_tasks (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS roster_deliveries_user ON roster_deliveries (user_id, id);
