-- Tasks in the background. until_at is when a state ends by itself: the lease of
-- a running task, the time of one that is delayed.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS roster_tasks (
  id bigint NOT NULL AUTO_INCREMENT,
  kind varchar(100) NOT NULL,
  version int NOT NULL,
  queue varchar(100) NOT NULL,
  priority int NOT NULL,
  args longtext NOT NULL,
  actor varchar(200) NOT NULL,
  created_at datetime(6) NOT NULL,
  run_at datetime(6) NOT NULL,
  deadline datetime(6) NULL,
  state varchar(10) NOT NULL,
  until_at datetime(6) NULL,
  lease varchar(64) NULL,
  worker varchar(200) NOT NULL,
  runs int NOT NULL,
  attempts int NOT NULL,
  crashes int NOT NULL,
  cancel_asked bool NOT NULL,
  done bigint NOT NULL,
  total bigint NOT NULL,
  result longtext NULL,
  error longtext NOT NULL,
  stack longtext NOT NULL,
  started_at datetime(6) NULL,
  finished_at datetime(6) NULL,
  PRIMARY KEY (id),
  KEY roster_tasks_claim (state, priority, run_at, id),
  KEY roster_tasks_until (state, until_at),
  KEY roster_tasks_finished (state, finished_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS roster_task_slots (
  id bigint NOT NULL AUTO_INCREMENT,
  schedule_id bigint NOT NULL,
  slot datetime(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY roster_task_slots_once (schedule_id, slot),
  KEY roster_task_slots_slot (slot)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS roster_workers (
  lease varchar(64) NOT NULL,
  name varchar(200) NOT NULL,
  queues varchar(255) NOT NULL,
  concurrency int NOT NULL,
  running int NOT NULL,
  started_at datetime(6) NOT NULL,
  seen_at datetime(6) NOT NULL,
  PRIMARY KEY (lease)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS roster_reports (
  id bigint NOT NULL AUTO_INCREMENT,
  day varchar(10) NOT NULL,
  created_at datetime(6) NOT NULL,
  content longtext NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY roster_reports_once (day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS roster_deliveries (
  id bigint NOT NULL AUTO_INCREMENT,
  task_id bigint NOT NULL,
  user_id bigint NOT NULL,
  state varchar(10) NOT NULL,
  error varchar(255) NOT NULL,
  changed_at datetime(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY roster_deliveries_once (task_id, user_id),
  KEY roster_deliveries_state (task_id, state, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
