package takeover

import (
	"context"
	"slices"
	"strings"

	"roster/internal/finding"
)

// migrationNames lists the migrations of Django 4.2 and django-celery-beat 2.5
// for the apps whose tables Roster shares, sorted.
var migrationNames = [...]string{
	"admin.0001_initial",
	"admin.0002_logentry_remove_auto_add",
	"admin.0003_logentry_add_action_flag_choices",
	"auth.0001_initial",
	"auth.0002_alter_permission_name_max_length",
	"auth.0003_alter_user_email_max_length",
	"auth.0004_alter_user_username_opts",
	"auth.0005_alter_user_last_login_null",
	"auth.0006_require_contenttypes_0002",
	"auth.0007_alter_validators_add_error_messages",
	"auth.0008_alter_user_username_max_length",
	"auth.0009_alter_user_last_name_max_length",
	"auth.0010_alter_group_name_max_length",
	"auth.0011_update_proxy_permissions",
	"auth.0012_alter_user_first_name_max_length",
	"contenttypes.0001_initial",
	"contenttypes.0002_remove_content_type_name",
	"django_celery_beat.0001_initial",
	"django_celery_beat.0002_auto_20161118_0346",
	"django_celery_beat.0003_auto_20161209_0049",
	"django_celery_beat.0004_auto_20170221_0000",
	"django_celery_beat.0005_add_solarschedule_events_choices",
	"django_celery_beat.0006_auto_20180210_1226",
	"django_celery_beat.0006_auto_20180322_0932",
	"django_celery_beat.0006_periodictask_priority",
	"django_celery_beat.0007_auto_20180521_0826",
	"django_celery_beat.0008_auto_20180914_1922",
	"django_celery_beat.0009_periodictask_headers",
	"django_celery_beat.0010_auto_20190429_0326",
	"django_celery_beat.0011_auto_20190508_0153",
	"django_celery_beat.0012_periodictask_expire_seconds",
	"django_celery_beat.0013_auto_20200609_0727",
	"django_celery_beat.0014_remove_clockedschedule_enabled",
	"django_celery_beat.0015_edit_solarschedule_events_choices",
	"django_celery_beat.0016_alter_crontabschedule_timezone",
	"django_celery_beat.0017_alter_crontabschedule_month_of_year",
	"django_celery_beat.0018_improve_crontab_helptext",
	"django_celery_beat.0019_alter_periodictasks_options",
	"sessions.0001_initial",
}

const migrationTable = "django_migrations"

var migrationColumns = [...]string{"app", "name"}

// judgeMigrations compares the applied migrations with those of Django 4.2.
func (r *Report) judgeMigrations(ctx context.Context, source Source, d Database) error {
	if !d.has(migrationTable, migrationColumns[:]) {
		r.add(finding.Finding{
			ID: "django.migrations.none", Severity: finding.Warning, Title: "Django's list of migrations is missing",
			Detail: "There is no table django_migrations, so the applied migrations are unknown. Django would try to create every table.",
			Remedy: "If Django created this database, find out why. If Roster did, run Django's migrate --fake before you start Django.",
		})
		return nil
	}
	applied, apps, own := make(map[string]bool), make(map[string]bool), examples{}
	err := source.Each(ctx, migrationTable, migrationColumns[:], func(row Row) error {
		app, name := row.Values[0].String, row.Values[1].String
		apps[app], applied[app+"."+name] = true, true
		if app == "users" && name != "0001_initial" {
			own.add(app + "." + name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.noted(own, finding.Finding{
		ID: "django.migrations.own", Severity: finding.Info, Title: "The app users has additional migrations",
		Detail: "Their changes to t_users, if any, are reported as findings about its columns.",
	})
	r.compareMigrations(applied, apps)
	return nil
}

// compareMigrations ignores apps that were never installed, and the system's
// own app.
func (r *Report) compareMigrations(applied, apps map[string]bool) {
	known := migrationNames[:]
	var pending, newer examples
	ours := make(map[string]bool)
	for _, migration := range known {
		app, _, _ := strings.Cut(migration, ".")
		if ours[app] = true; apps[app] && !applied[migration] {
			pending.add(migration)
		}
	}
	for _, migration := range sortedKeys(applied) {
		app, _, _ := strings.Cut(migration, ".")
		if _, found := slices.BinarySearch(known, migration); ours[app] && !found {
			newer.add(migration)
		}
	}
	r.noted(pending, finding.Finding{
		ID: "django.migrations.pending", Severity: finding.Warning, Title: "Django migrations are not applied",
		Detail: "Django 4.2 and django-celery-beat 2.5 have migrations that are not applied here.",
		Remedy: "Run Django's migrate with these versions first, while Django still serves.",
	})
	r.noted(newer, finding.Finding{
		ID: "django.migrations.newer", Severity: finding.Warning, Title: "Migrations of a newer Django are applied",
		Detail: "They are not part of Django 4.2 and django-celery-beat 2.5. Their changes are reported as findings about columns.",
		Remedy: "Review these migrations. To return to Django later, you need the versions that include them.",
	})
}
