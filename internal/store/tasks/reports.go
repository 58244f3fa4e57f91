package tasks

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"roster/internal/fault"
	"roster/internal/job"
	"roster/internal/store/sqldb"
)

const (
	deleteReport = "DELETE FROM roster_reports WHERE day = ?"
	insertReport = "INSERT INTO roster_reports (day, created_at, content) VALUES (?, ?, ?)"

	selectReports = "SELECT day, created_at || '', content FROM roster_reports"
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
		if _, err := t.Exec(deleteReport, r.Day); err != nil {
			return err
		}
		_, err := t.Exec(insertReport, r.Day, sqldb.FormatTime(at), string(content))
		return err
	})
}

// ListReports implements job.ReportReader.
func (s *Store) ListReports(ctx context.Context, offset int64, limit int) ([]job.KeptReport, error) {
	return s.reports(ctx, latestReports, int64(limit), offset)
}

// FindReport implements job.ReportReader.
func (s *Store) FindReport(ctx context.Context, day string) (job.KeptReport, error) {
	found, err := s.reports(ctx, selectReport, day)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "Not found.")
	}
	if err != nil {
		return job.KeptReport{}, err
	}
	return found[0], nil
}

// CountReports implements job.ReportReader.
func (s *Store) CountReports(ctx context.Context) (n int64, err error) {
	err = s.db.Read(ctx, "count reports", func(c sqldb.Conn) error {
		n, err = sqldb.Integer(c, countReports)
		return err
	})
	return n, err
}

func (s *Store) reports(ctx context.Context, query string, args ...driver.Value) (found []job.KeptReport, err error) {
	err = s.db.Read(ctx, "read reports", func(c sqldb.Conn) error {
		found = nil
		return c.Query(query, func(row []driver.Value) error {
			var r job.KeptReport
			day := sqldb.TextOf(row[0]).String
			at, ok := sqldb.ParseTime(sqldb.TextOf(row[1]).String)
			if err := json.Unmarshal([]byte(sqldb.TextOf(row[2]).String), &r.Report); err != nil || !ok {
				return fault.Wrap(fault.Internal, "A stored report cannot be read.", fmt.Errorf("roster_reports, day %s: %w", day, err))
			}
			r.At = at
			found = append(found, r)
			return nil
		}, args...)
	})
	return found, err
}
