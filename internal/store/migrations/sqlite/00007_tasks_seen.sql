-- What lists of tasks are filtered by. None of it changes once a task is stored,
-- so a change of its state touches none of these.

-- +goose Up
CREATE INDEX IF NOT EXISTS roster_tasks_kind ON roster_tasks (kind, id);
CREATE INDEX IF NOT EXISTS roster_tasks_queue ON roster_tasks (queue, id);
CREATE INDEX IF NOT EXISTS roster_tasks_created ON roster_tasks (created_at);
