package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"time"

	"roster/internal/job"
	"roster/internal/store/sqldb"
)

const (
	deleteReport = "DELETE FROM roster_reports WHERE day = ?"
	insertReport = "INSERT INTO roster_reports (day, created_at, content) VALUES (?, ?, ?)"

	selectReports = "SELECT day, CAST(created_at AS CHAR), content FROM roster_reports"
	latestReports = selectReports + " ORDER BY day DESC LIMIT ? OFFSET ?"
	selectReport  = selectReports + " WHERE day = ?"
	countReports  = "SELECT COUNT(*) FROM roster_reports"
)

// SaveReport implements job.Reports.
func (s *Store) SaveReport(ctx context.Context, r job.Report, at time.Time) error {
	content, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(t sqldb.Tx) error {
		return sqldb.FirstError(exec(t, deleteReport, r.Day), exec(t, insertReport, r.Day, sqldb.FormatTime(at), string(content)))
	})
}

// ListReports implements job.ReportReader.
func (s *Store) ListReports(ctx context.Context, offset int64, limit int) ([]job.KeptReport, error) {
	return read(ctx, s, "list reports", func(c sqldb.Conn) ([]job.KeptReport, error) {
		return all(c, lenient(s.unreadable, "roster_reports", scanReport), latestReports, int64(limit), offset)
	})
}

// FindReport implements job.ReportReader.
func (s *Store) FindReport(ctx context.Context, day string) (job.KeptReport, error) {
	return read(ctx, s, "find report", func(c sqldb.Conn) (job.KeptReport, error) { return one(c, scanReport, selectReport, day) })
}

// CountReports implements job.ReportReader.
func (s *Store) CountReports(ctx context.Context) (int64, error) {
	return s.readInteger(ctx, "count reports", countReports)
}

// scanReport reads a row of selectReports.
func scanReport(row []driver.Value) (r job.KeptReport, err error) {
	var day string
	var content []byte
	err = sqldb.Scan(row, &day, &r.At, &content)
	r.Day = day
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(content, &r.Report); err != nil {
		return r, sqldb.Unreadable("roster_reports, day "+day, err)
	}
	return r, nil
}
