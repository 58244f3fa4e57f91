package job

import (
	"context"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
)

// KeptReport is a stored daily report.
type KeptReport struct {
	Report
	At time.Time // when it was generated
}

// ReportReader reads stored reports. Implementations are safe for concurrent
// use, and return errors of package fault.
type ReportReader interface {
	// ListReports returns up to limit reports, latest days first, after
	// skipping offset.
	ListReports(ctx context.Context, offset int64, limit int) ([]KeptReport, error)
	// CountReports returns how many reports there are.
	CountReports(ctx context.Context) (int64, error)
	// FindReport returns the report of a day, as 2006-01-02, or NotFound.
	FindReport(ctx context.Context, day string) (KeptReport, error)
}

// KeptReports provides access to daily reports. Every method requires the
// permission to view users, whom they count, and is safe for concurrent use.
type KeptReports struct{ store ReportReader }

// NewKeptReports returns the service on that store.
func NewKeptReports(store ReportReader) *KeptReports { return &KeptReports{store} }

// List returns up to limit reports, latest days first, after skipping offset.
func (r *KeptReports) List(ctx context.Context, actor access.Actor, offset int64, limit int) ([]KeptReport, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return nil, err
	}
	return r.store.ListReports(ctx, offset, limit)
}

// Count returns the number of reports.
func (r *KeptReports) Count(ctx context.Context, actor access.Actor) (int64, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return 0, err
	}
	return r.store.CountReports(ctx)
}

// Find returns the report of a day, as 2006-01-02, or NotFound, also for an
// invalid day.
func (r *KeptReports) Find(ctx context.Context, actor access.Actor, day string) (KeptReport, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return KeptReport{}, err
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return KeptReport{}, fault.New(fault.NotFound, "Not found.")
	}
	return r.store.FindReport(ctx, day)
}
