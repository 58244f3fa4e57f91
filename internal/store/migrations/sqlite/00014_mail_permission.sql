-- The permission to send mail to users, which Django's migrations do not create.

-- +goose Up
INSERT INTO auth_permission (content_type_id, codename, name)
SELECT c.id, 'mail_tuser', 'Can send mail to users' FROM django_content_type c
WHERE c.app_label = 'users' AND c.model = 'tuser'
  AND NOT EXISTS (SELECT 1 FROM auth_permission p WHERE p.content_type_id = c.id AND p.codename = 'mail_tuser');
