package job

import (
	"context"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
)

// KeptReport is a daily report that was kept.
type KeptReport struct {
	Report
	At time.Time // when it was made
}

// ReportReader reads reports that were kept. Implementations are safe for
// concurrent use, and answer with errors of package fault.
type ReportReader interface {
	// ListReports returns up to limit reports, those of the latest days first,
	// after skipping offset of them.
	ListReports(ctx context.Context, offset int64, limit int) ([]KeptReport, error)
	// CountReports returns how many reports there are.
	CountReports(ctx context.Context) (int64, error)
	// FindReport returns the report of a day, as 2006-01-02; NotFound when there
	// is none.
	FindReport(ctx context.Context, day string) (KeptReport, error)
}

// KeptReports is what people can do with daily reports. Every method checks the
// actor, by the permission to view periodic tasks, and is safe for concurrent use.
type KeptReports struct{ store ReportReader }

// NewKeptReports returns the service on that store.
func NewKeptReports(store ReportReader) *KeptReports { return &KeptReports{store} }

// List returns up to limit reports, those of the latest days first, after
// skipping offset of them.
func (r *KeptReports) List(ctx context.Context, actor access.Actor, offset int64, limit int) ([]KeptReport, error) {
	if err := actor.Check(access.Schedules.View()); err != nil {
		return nil, err
	}
	return r.store.ListReports(ctx, offset, limit)
}

// Count returns how many reports there are.
func (r *KeptReports) Count(ctx context.Context, actor access.Actor) (int64, error) {
	if err := actor.Check(access.Schedules.View()); err != nil {
		return 0, err
	}
	return r.store.CountReports(ctx)
}

// Find returns the report of a day, as 2006-01-02; NotFound when there is none,
// and for what is no day.
func (r *KeptReports) Find(ctx context.Context, actor access.Actor, day string) (KeptReport, error) {
	if err := actor.Check(access.Schedules.View()); err != nil {
		return KeptReport{}, err
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return KeptReport{}, fault.New(fault.NotFound, "Not found.")
	}
	return r.store.FindReport(ctx, day)
}
