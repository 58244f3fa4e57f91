-- The table of users with the names, types and indexes of Django 4.2, which an
-- existing database has already.

-- +goose Up
CREATE TABLE IF NOT EXISTS "t_users" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "username" varchar(100) NOT NULL UNIQUE, "email" varchar(255) NOT NULL UNIQUE, "first_name" varchar(100) NULL, "last_name" varchar(100) NULL, "phone" varchar(20) NULL, "address" text NULL, "is_active" bool NOT NULL, "created_at" datetime NOT NULL, "updated_at" datetime NOT NULL);
CREATE INDEX IF NOT EXISTS "idx_is_active" ON "t_users" ("is_active");
CREATE INDEX IF NOT EXISTS "idx_created_at" ON "t_users" ("created_at");
