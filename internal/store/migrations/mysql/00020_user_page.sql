-- What the page of a user reads: the tasks whose arguments have its id as user_id,
-- and the messages of mailings to it. MySQL cannot add a column or an index only
-- where it is missing, so statements are made that do nothing where they are there.

-- +goose NO TRANSACTION
-- +goose Up
SET @roster_task_user = IF(EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
  AND table_name = 'roster_tasks' AND column_name = 'user_id'),
  'DO 0', 'ALTER TABLE roster_tasks ADD COLUMN user_id bigint NULL, ADD KEY roster_tasks_user (user_id, id)');
PREPARE roster_task_user FROM @roster_task_user;
EXECUTE roster_task_user;
DEALLOCATE PREPARE roster_task_user;

UPDATE roster_tasks SET user_id = IF(JSON_VALID(args), JSON_EXTRACT(args, '$.user_id'), NULL) WHERE kind = 'send_welcome_email';

SET @roster_delivery_user = IF(EXISTS (SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
  AND table_name = 'roster_deliveries' AND index_name = 'roster_deliveries_user'),
  'DO 0', 'ALTER TABLE roster_deliveries ADD KEY roster_deliveries_user (user_id, id)');
PREPARE roster_delivery_user FROM @roster_delivery_user;
EXECUTE roster_delivery_user;
DEALLOCATE PREPARE roster_delivery_user;
