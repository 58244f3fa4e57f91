package store

import (
	"context"
	"database/sql/driver"

	"roster/internal/job"
	"roster/internal/store/sqldb"
)

// The left join makes MySQL begin with the messages, in the order of their index.
const selectMails = "SELECT d.id, d.task_id, d.user_id, d.state, d.error, d.attempts, CAST(d.due_at AS CHAR), CAST(d.changed_at AS CHAR), COALESCE(t.args, '')" +
	" FROM roster_deliveries d LEFT JOIN roster_tasks t ON t.id = d.task_id"

// ListMails implements job.MailStore.
func (s *Store) ListMails(ctx context.Context, userID, below int64, limit int) ([]job.Mail, error) {
	var w where
	w.add("d.user_id = ?", userID)
	w.addIf(below > 0, "d.id < ?", below)
	return read(ctx, s, "list mails to a user", func(c sqldb.Conn) ([]job.Mail, error) {
		return all(c, scanMail, selectMails+w.String()+" ORDER BY d.id DESC LIMIT ?", w.with(int64(limit))...)
	})
}

func scanMail(row []driver.Value) (m job.Mail, err error) {
	err = sqldb.Scan(row, &m.ID, &m.TaskID, &m.UserID, &m.State, &m.Error, &m.Attempts, &m.Due, &m.At, &m.Subject)
	return m, err
}
