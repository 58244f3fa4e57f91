-- Tasks in the background. until_at is when a state ends by itself: the lease of
-- a running task, the time of one that is delayed.

-- +goose Up
CREATE TABLE IF NOT EXISTS roster_tasks (
  id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  kind varchar(100) NOT NULL,
  version integer NOT NULL,
  queue varchar(100) NOT NULL,
  priority integer NOT NULL,
  args text NOT NULL,
  actor varchar(200) NOT NULL,
  created_at datetime NOT NULL,
  run_at datetime NOT NULL,
  deadline datetime NULL,
  state varchar(10) NOT NULL,
  until_at datetime NULL,
  lease varchar(64) NULL,
  worker varchar(200) NOT NULL,
  runs integer NOT NULL,
  attempts integer NOT NULL,
  crashes integer NOT NULL,
  cancel_asked bool NOT NULL,
  done bigint NOT NULL,
  total bigint NOT NULL,
  result text NULL,
  error text NOT NULL,
  stack text NOT NULL,
  started_at datetime NULL,
  finished_at datetime NULL
);
CREATE INDEX IF NOT EXISTS roster_tasks_claim ON roster_tasks (state, priority, run_at, id);
CREATE INDEX IF NOT EXISTS roster_tasks_until ON roster_tasks (state, until_at) WHERE until_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS roster_tasks_finished ON roster_tasks (state, finished_at) WHERE finished_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS roster_task_slots (
  id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  schedule_id bigint NOT NULL,
  slot datetime NOT NULL,
  UNIQUE (schedule_id, slot)
);
CREATE INDEX IF NOT EXISTS roster_task_slots_slot ON roster_task_slots (slot);
CREATE TABLE IF NOT EXISTS roster_workers (
  lease varchar(64) NOT NULL PRIMARY KEY,
  name varchar(200) NOT NULL,
  queues varchar(255) NOT NULL,
  concurrency integer NOT NULL,
  running integer NOT NULL,
  started_at datetime NOT NULL,
  seen_at datetime NOT NULL
);
CREATE TABLE IF NOT EXISTS roster_reports (
  id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  day varchar(10) NOT NULL UNIQUE,
  created_at datetime NOT NULL,
  content text NOT NULL
);
CREATE TABLE IF NOT EXISTS roster_deliveries (
  id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  task_id bigint NOT NULL,
  user_id bigint NOT NULL,
  state varchar(10) NOT NULL,
  error varchar(255) NOT NULL,
  changed_at datetime NOT NULL,
  UNIQUE (task_id, user_id)
);
CREATE INDEX IF NOT EXISTS roster_deliveries_state ON roster_deliveries (task_id, state, id);
