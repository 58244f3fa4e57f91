package store

import (
	"strconv"
	"strings"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/store/sqldb"
)

// insertLog writes a row of Django's admin log, which references an existing
// account and a content type.
const insertLog = "INSERT INTO django_admin_log (action_time, object_id, object_repr, action_flag, change_message, content_type_id, user_id)" +
	" SELECT ?, ?, ?, ?, ?, c.id, a.id FROM django_content_type c CROSS JOIN auth_user a" +
	" WHERE c.app_label = ? AND c.model = ? AND a.id = ?"

// actionFlags are ADDITION, CHANGE and DELETION of Django's LogEntry.
var actionFlags = map[audit.Action]int64{audit.Create: 1, audit.Restore: 1, audit.Update: 2, audit.Delete: 3}

// loggedModels are the kinds of objects with pages in Django's admin site.
var loggedModels = map[string]access.Model{
	"user":    {App: "users", Name: "tuser"},
	"account": access.Accounts,
	"group":   access.Groups,

	"schedule": access.Schedules,
}

// logAsDjango writes a change by a staff account to Django's admin log, so that
// the history pages of Django's admin site stay correct.
func logAsDjango(t sqldb.Conn, e audit.Entry) error {
	flag, kept := actionFlags[e.Action]
	model, known := loggedModels[e.Object.Type]
	if e.ActorID == 0 || !kept || !known {
		return nil
	}
	return exec(t, insertLog, sqldb.FormatTime(e.At), strconv.FormatInt(e.Object.ID, 10), cut(e.Object.Name, maxName), flag,
		changeMessage(e, model), model.App, model.Name, e.ActorID)
}

// changeMessage returns the output of construct_change_message in Django's
// admin site: JSON as formatted by Python, with the labels of its forms.
func changeMessage(e audit.Entry, model access.Model) string {
	switch {
	case e.Action == audit.Create || e.Action == audit.Restore:
		return `[{"added": {}}]`
	case e.Action == audit.Delete:
		return ""
	case len(e.Changes) == 0:
		return "[]"
	}
	labels := make([]string, len(e.Changes))
	for i, c := range e.Changes {
		labels[i] = strconv.QuoteToASCII(labelOf(model, c.Field))
	}
	return `[{"changed": {"fields": [` + strings.Join(labels, ", ") + `]}}]`
}

// accountLabels are the labels of Django's account form that do not derive from
// the field's name.
var accountLabels = map[string]string{
	"email": "Email address", "is_active": "Active", "is_staff": "Staff status", "is_superuser": "Superuser status",
	"permissions": "User permissions", "password": "password",
}

func labelOf(model access.Model, field string) string {
	if label, ok := accountLabels[field]; ok && model == access.Accounts {
		return label
	}
	words := strings.ReplaceAll(field, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}
