-- What is wrong with a database, to be run on what django-sqlite.sql makes.

-- Rows that the rules refuse, and that may be taken for each other.
INSERT INTO t_users (id, username, email, first_name, phone, is_active, created_at, updated_at) VALUES
  (1001, 'Twin', 'Twin@Example.com', 'one', NULL, 1, '2026-11-23 10:00:00', '2026-11-23 10:00:00'),
  (1002, 'twin', 'twin@example.com', 'two', NULL, 1, '2026-11-23 10:00:00.5', '2026-11-23T10:00:00+01:00'),
  (1003, 'T win ', ' twin@example.COM', ' three ', NULL, 1, '2026-11-23 10:00:00', '2026-11-23 10:00:00Z'),
  (1004, 'ab', '', printf('%.101c', 'x'), '+123456789012345678901', 2, '2026-11-23 10:00:00', '2026-11-23 10:00:00'),
  (1005, 'timeless', 'timeless@example.com', NULL, NULL, 'maybe', 'yesterday', '0000-00-00 00:00:00'),
  (1006, 'latin', 'latin@example.com', CAST(x'4AF67267' AS TEXT), NULL, 1, '2026-11-23 10:00:00', '2026-13-01 10:00:00'),
  (1007, 'many1', 'many1@', NULL, NULL, 1, '2026-11-23 10:00:00', '2026-11-23 10:00:00'),
  (1008, 'many2', 'many2@', NULL, NULL, 1, '2026-11-23 10:00:00', '2026-11-23 10:00:00');

-- Accounts that cannot log in, and no superuser.
UPDATE auth_user SET is_active = 0 WHERE is_superuser = 1;
INSERT INTO auth_user (id, password, is_superuser, username, last_name, email, is_staff, is_active, date_joined, first_name, last_login) VALUES
  (11, 'argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdHNhbHQ$aGFzaA', 0, 'argon', '', '', 1, 1, '2026-11-23 10:00:00', '', 'never'),
  (12, 'bcrypt_sha256$$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 0, 'bcrypt', '', '', 1, 1, '2026-11-23 10:00:00', '', NULL),
  (13, 'md5$salt$d3dcf429c679f9af82eb9a3b31c4df44', 0, 'md5', '', '', 1, 1, '2026-11-23 10:00:00', '', NULL),
  (14, 'acbd18db4cc2f85cedef654fccc4a4d8', 0, 'unsalted', '', '', 1, 1, '2026-11-23 10:00:00', '', NULL),
  (15, 'pbkdf2_sha256$1000$salt$aGFzaA==', 0, 'weak', '', '', 1, 1, '2026-11-23 10:00:00', '', NULL);

-- Schedules that cannot run.
INSERT INTO django_celery_beat_crontabschedule VALUES (11, '61', '*', '*', '*', '*', 'UTC'), (12, '0', '0', '*', '31', '2', 'Nowhere/At_all'), (13, '0', '0', '*', '31', '2', 'UTC');
INSERT INTO django_celery_beat_intervalschedule VALUES (11, 0, 'fortnights');
INSERT INTO django_celery_beat_clockedschedule VALUES (11, '2020-01-01 00:00:00'), (12, 'soon');
INSERT INTO django_celery_beat_periodictask (id, name, task, args, kwargs, expires, enabled, total_run_count, date_changed, description, crontab_id, interval_id, clocked_id, one_off, headers) VALUES
  (11, 'minute 61', 'users.tasks.generate_daily_report', '[]', '{}', NULL, 1, 0, '2026-11-23 10:00:00', '', 11, NULL, NULL, 0, '{}'),
  (12, 'nowhere', 'users.tasks.generate_daily_report', '[]', '{}', NULL, 1, 0, '2026-11-23 10:00:00', '', 12, NULL, NULL, 0, '{}'),
  (13, 'never', 'users.tasks.generate_daily_report', '[]', '{}', NULL, 1, 0, '2026-11-23 10:00:00', '', 13, NULL, NULL, 0, '{}'),
  (14, 'fortnightly', 'users.tasks.generate_daily_report', '[]', '{}', NULL, 1, 0, '2026-11-23 10:00:00', '', NULL, 11, NULL, 0, '{}'),
  (15, 'past', 'users.tasks.generate_daily_report', '[]', '{}', NULL, 1, 0, '2026-11-23 10:00:00', '', NULL, NULL, 11, 1, '{}'),
  (16, 'soon', 'users.tasks.generate_daily_report', '[]', '{}', NULL, 1, 0, '2026-11-23 10:00:00', '', NULL, NULL, 12, 1, '{}'),
  (17, 'both', 'users.tasks.generate_daily_report', '[]', '{}', NULL, 1, 0, '2026-11-23 10:00:00', '', 1, 1, NULL, 0, '{}'),
  (18, 'neither', 'users.tasks.generate_daily_report', '[]', '{}', NULL, 1, 0, '2026-11-23 10:00:00', '', NULL, NULL, NULL, 0, '{}'),
  (19, 'broken args', 'users.tasks.generate_daily_report', '{}', '{}', NULL, 1, 0, '2026-11-23 10:00:00', '', 1, NULL, NULL, 0, '{}'),
  (20, 'broken kwargs', 'users.tasks.generate_daily_report', '[]', 'null', NULL, 1, 0, '2026-11-23 10:00:00', '', 1, NULL, NULL, 0, '{}'),
  (21, 'expired', 'users.tasks.generate_daily_report', '[]', '{}', '2021-01-01 00:00:00', 1, 0, '2026-11-23 10:00:00', '', 1, NULL, NULL, 0, '{}'),
  (22, 'celery.backend_cleanup', 'celery.backend_cleanup', '[]', '{}', NULL, 1, 0, '2026-11-23 10:00:00', '', 1, NULL, NULL, 0, '{}'),
  (23, 'disabled', 'other.app.task', '[]', '{}', NULL, 0, 0, '2026-11-23 10:00:00', '', 1, NULL, NULL, 0, '{}');

-- Tables that are not as Django makes them.
CREATE TABLE new__t_users ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "username" varchar(100) NOT NULL UNIQUE, "email" varchar(255) NOT NULL UNIQUE, "first_name" varchar(100) NULL, "last_name" varchar(100) NULL, "phone" varchar(20) NULL, "address" text NULL, "is_active" bool NOT NULL, "created_at" datetime NOT NULL, "updated_at" datetime NOT NULL, "nickname" text NULL, "shoe_size" integer NOT NULL);
INSERT INTO new__t_users SELECT *, NULL, 42 FROM t_users;
DROP TABLE t_users;
ALTER TABLE new__t_users RENAME TO t_users;
CREATE INDEX idx_is_active ON t_users (is_active);
DROP INDEX auth_user_groups_user_id_group_id_94350c0c_uniq;
ALTER TABLE auth_user ADD COLUMN phone text NULL;
ALTER TABLE auth_group ADD COLUMN owner integer NOT NULL DEFAULT 0;
ALTER TABLE django_admin_log DROP COLUMN change_message;
DROP TABLE django_session;
CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text NULL, expire_date varchar(20) NOT NULL, secret text NOT NULL);
DROP TABLE django_celery_beat_periodictasks;
CREATE TABLE shop_order (id integer PRIMARY KEY);
DELETE FROM django_migrations WHERE name = '0012_alter_user_first_name_max_length';
INSERT INTO django_migrations (app, name, applied) VALUES
  ('auth', '0013_of_the_future', '2026-11-23 10:00:00'), ('users', '0002_nickname', '2026-11-23 10:00:00'), ('shop', '0001_initial', '2026-11-23 10:00:00');
