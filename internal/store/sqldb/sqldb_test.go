package sqldb_test

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/metrics"
	"roster/internal/store/sqldb"
)

// table answers every query with its rows.
type table [][]driver.Value

func (t table) Exec(string, ...driver.Value) (driver.Result, error) {
	return nil, errors.New("read only")
}

func (t table) Query(_ string, scan func([]driver.Value) error, _ ...driver.Value) error {
	for _, row := range t {
		if err := scan(row); errors.Is(err, sqldb.ErrEnough) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

func TestInteger(t *testing.T) {
	t.Parallel()
	if n, err := sqldb.Integer(table{{int64(7)}, {int64(8)}}, "q"); n != 7 || err != nil {
		t.Errorf("got %d, %v; want the first row's 7", n, err)
	}
	for _, c := range []table{{}, {{"seven"}}, {{nil}}} {
		if n, err := sqldb.Integer(c, "q"); err == nil {
			t.Errorf("%v: got %d, want an error", c, n)
		}
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	texts, err := sqldb.Texts(table{{"a"}, {[]byte("b")}, {int64(-3)}, {nil}, {1.5}}, "q")
	if got := strings.Join(texts, ","); got != "a,b,-3,,1.5" || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	if got := sqldb.TextOf(nil); got != (form.Text{}) {
		t.Errorf("got %v of NULL, want no text", got)
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	c := sqldb.Counts{5, 3}
	c.Add(sqldb.Counts{-1, 2})
	if c[sqldb.Total] != 4 || c[sqldb.Active] != 5 {
		t.Errorf("got %v", c)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		took  time.Duration
		err   error
		want  string
		fatal bool
	}{
		{0, nil, "", false},
		{time.Second, nil, "database is slow", false},
		{0, fault.New(fault.NotFound, "Not found."), "", false},
		{0, fault.New(fault.Conflict, "Taken."), "", false},
		{0, fault.New(fault.Unavailable, "Gone."), "database failed", true},
		{0, errors.New("odd"), "database failed", true},
	} {
		var log bytes.Buffer
		sqldb.NewJournal(slog.New(slog.NewTextHandler(&log, nil)), sqldb.Observers{}).Note(t.Context(), "read", c.took, c.err)
		if got := log.String(); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%v, %v: got %q, want %q", c.took, c.err, got, c.want)
		}
		if got := sqldb.IsFatal(c.err); got != c.fatal {
			t.Errorf("%v: got fatal %v", c.err, got)
		}
	}
	sqldb.NewJournal(nil, sqldb.Observers{}).Note(t.Context(), "read", time.Second, errors.New("odd")) // goes nowhere
}

func TestJournal_Observers(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	figures := metrics.New("", logger)
	j := sqldb.NewJournal(logger, sqldb.Observers{Slow: 20 * time.Millisecond, Metrics: figures.Database})
	j.Note(t.Context(), "quick", 19*time.Millisecond, nil)
	j.Note(t.Context(), "slow", 20*time.Millisecond, nil)
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "operation=slow duration=20ms") {
		t.Errorf("got %q, want the slow one alone", got)
	}
	w := httptest.NewRecorder()
	figures.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	if want := `operation="quick",outcome="ok"} 0.019`; !strings.Contains(w.Body.String(), want) {
		t.Errorf("got no %s", want)
	}
}

func TestFirstError(t *testing.T) {
	t.Parallel()
	first := errors.New("first")
	if got := sqldb.FirstError(nil, first, errors.New("second")); !errors.Is(got, first) {
		t.Errorf("got %v", got)
	}
	if got := sqldb.FirstError(nil, nil); got != nil {
		t.Errorf("got %v", got)
	}
}
