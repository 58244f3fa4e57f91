package site_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/admin/resources"
	"roster/internal/admin/site"
)

// FuzzReadState shows that a query that is understood is written as one that
// means the same, and that its bounds can be asked for.
func FuzzReadState(f *testing.F) {
	for _, seed := range []string{
		"", "q=a&o=1.-2&p=3&per_page=25", "cols=-", "cols=phone&cols=email", "is_active__exact=1",
		"created_at__year=2026&created_at__month=11&created_at__day=23", "created_at__gte=2026-11-23&created_at__lt=2026-11-24 10:00:00",
		"created_at__gte=2026-11-23T10:00:00+01:00", "created_at__year=9999", "o=-1.-1.1", "q=%00", "e=1",
	} {
		f.Add(seed)
	}
	res := resources.Users(resources.UserServices{})
	zone := time.FixedZone("east", 3600)
	f.Fuzz(func(t *testing.T, query string) {
		again, q, ok := site.ReadState(&res, query, zone)
		if !ok {
			return
		}
		if q.Offset < 0 || q.Limit < 1 || q.Limit > 200 || !q.From.IsZero() && q.From.Location() != time.UTC {
			t.Errorf("%q: asks for %+v", query, q)
		}
		twice, same, ok := site.ReadState(&res, again, zone)
		if !ok || twice != again {
			t.Fatalf("%q is written as %q, and that as %q, %v", query, again, twice, ok)
		}
		if diff := cmp.Diff(q, same); diff != "" {
			t.Errorf("%q and %q ask for different records: %s", query, again, diff)
		}
	})
}

// Databases store and compare times of the years 1 to 9999 in UTC, and no others.
func TestReadState_DatesBeyondDatabases(t *testing.T) {
	t.Parallel()
	res := resources.Users(resources.UserServices{})
	east := time.FixedZone("east", 14*3600)
	for _, query := range []string{
		"created_at__year=9999", "created_at__year=1", "created_at__gte=0001-01-01",
		"created_at__lt=9999-12-31+23:59:59-12:00", "created_at__lt=9999-12-31T23:59:59-12:00",
	} {
		if _, q, ok := site.ReadState(&res, query, east); ok {
			t.Errorf("%s: got %v to %v, want it to be refused", query, q.From, q.Before)
		}
	}
	for _, query := range []string{"created_at__year=9998", "created_at__year=2", "created_at__gte=0001-01-03"} {
		if _, _, ok := site.ReadState(&res, query, east); !ok {
			t.Errorf("%s: got it refused", query)
		}
	}
}

// In Santiago 6 September 2026 begins at 01:00: there is no midnight. What was
// created at 03:30 UTC belongs to the 5th, however the day is asked for.
func TestReadState_DayWithoutMidnight(t *testing.T) {
	t.Parallel()
	res := resources.Users(resources.UserServices{})
	santiago, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"created_at__year=2026&created_at__month=9&created_at__day=5": "2026-09-05T04:00:00Z 2026-09-06T04:00:00Z",
		"created_at__year=2026&created_at__month=9&created_at__day=6": "2026-09-06T04:00:00Z 2026-09-07T03:00:00Z",
		"created_at__gte=2026-09-06&created_at__lt=2026-09-07":        "2026-09-06T04:00:00Z 2026-09-07T03:00:00Z",
		"created_at__gte=2026-09-05&created_at__lt=2026-09-06":        "2026-09-05T04:00:00Z 2026-09-06T04:00:00Z",
		"created_at__gte=2026-09-06+00:30:00":                         "2026-09-06T04:00:00Z 0001-01-01T00:00:00Z",
	} {
		_, q, ok := site.ReadState(&res, query, santiago)
		if got := q.From.Format(time.RFC3339) + " " + q.Before.Format(time.RFC3339); !ok || got != want {
			t.Errorf("%s: got %s, %v, want %s", query, got, ok, want)
		}
	}
}
