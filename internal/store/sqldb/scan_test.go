package sqldb_test

import (
	"database/sql/driver"
	"encoding/json"
	"math"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/store/sqldb"
)

type state string

func TestScan(t *testing.T) {
	t.Parallel()
	var (
		id     int64
		n      int
		on     bool
		f      float64
		name   string
		maybe  form.Text
		at     time.Time
		kind   state
		result json.RawMessage
	)
	row := []driver.Value{int64(7), []byte("12"), int64(1), "1.5", []byte("ada"), "x", "2026-11-23 10:00:00.5", "done", []byte("{}"), "skipped"}
	if err := sqldb.Scan(row, &id, &n, &on, &f, &name, &maybe, &at, &kind, &result, nil); err != nil {
		t.Fatal(err)
	}
	if id != 7 || n != 12 || !on || f != 1.5 || name != "ada" || maybe != form.TextOf("x") || kind != "done" || string(result) != "{}" ||
		!at.Equal(time.Date(2026, 11, 23, 10, 0, 0, 5e8, time.UTC)) {
		t.Errorf("got %v %v %v %v %q %v %v %s %s", id, n, on, f, name, maybe, at, kind, result)
	}
	null := make([]driver.Value, 9)
	if err := sqldb.Scan(null, &id, &n, &on, &f, &name, &maybe, &at, &kind, &result); err != nil {
		t.Fatal(err)
	}
	if id != 0 || n != 0 || on || f != 0 || name != "" || maybe.Valid || !at.IsZero() || kind != "" || result != nil {
		t.Errorf("got %v %v %v %v %q %v %v %s %s of NULL, want zero values", id, n, on, f, name, maybe, at, kind, result)
	}
}

// TestScan_DropsNothing converts what no type of its variable can represent.
func TestScan_DropsNothing(t *testing.T) {
	t.Parallel()
	var (
		id    int64
		on    bool
		f     float64
		at    time.Time
		other struct{}
	)
	for _, c := range []struct {
		value driver.Value
		into  any
	}{
		{uint64(math.MaxUint64), &id}, {"seven", &id}, {"", &id}, {1.5, &id}, {math.Inf(1), &id}, {1e19, &id}, {[]byte{1}, &id}, {"1e3", &id},
		{int64(2), &on}, {int64(-1), &on}, {"yes", &on}, {"", &on}, {[]byte{1}, &on},
		{"wide", &f},
		{"", &at}, {int64(1764000000), &at}, {"0000-00-00 00:00:00", &at}, {1.5, &at},
		{"x", &other},
	} {
		after := "unset"
		err := sqldb.Scan([]driver.Value{c.value, "set"}, c.into, &after)
		if fault.KindOf(err) != fault.Internal || err == nil {
			t.Errorf("%T %v into %T: got %v, want an error", c.value, c.value, c.into, err)
		}
		if after != "set" || id != 0 || on || f != 0 || !at.IsZero() {
			t.Errorf("%T %v into %T: got %s, %d, %v, %v, %v; want the next value, and zero", c.value, c.value, c.into, after, id, on, f, at)
		}
	}
	if err := sqldb.Scan([]driver.Value{int64(1)}, &id, &on); err == nil {
		t.Error("a row was too short, and no error came back")
	}
}

func TestScan_Integers(t *testing.T) {
	t.Parallel()
	for value, want := range map[driver.Value]int64{
		int64(-3): -3, "42": 42, uint64(9): 9, 3.0: 3, float32(2): 2, true: 1, false: 0, "-9223372036854775808": math.MinInt64,
	} {
		var got int64
		if err := sqldb.Scan([]driver.Value{value}, &got); err != nil || got != want {
			t.Errorf("%T %v: got %d, %v", value, value, got, err)
		}
	}
}
