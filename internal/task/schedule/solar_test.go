package schedule_test

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"roster/internal/task/schedule"
)

func solar(tb testing.TB, event string, latitude, longitude float64) schedule.Solar {
	tb.Helper()
	s, err := schedule.ParseSolar(event, latitude, longitude)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// TestSolar_Almanac compares with what PyEphem, which Celery asks, says of
// cities on all continents, polar ones included.
func TestSolar_Almanac(t *testing.T) {
	t.Parallel()
	var worst time.Duration
	for _, row := range readCSV(t, "testdata/ephem.csv") {
		latitude, _ := strconv.ParseFloat(row[2], 64)
		longitude, _ := strconv.ParseFloat(row[3], 64)
		got, ok := solar(t, row[1], latitude, longitude).Next(moment(t, row[4]))
		if !ok {
			t.Errorf("%v: got no slot", row)
			continue
		}
		off := got.Sub(moment(t, row[5])).Abs()
		allowed := time.Minute
		if math.Abs(latitude) > 66 {
			allowed = 2 * time.Minute
		}
		if off > allowed {
			t.Errorf("%v: got %s, off by %s", row, got, off)
		}
		worst = max(worst, off)
	}
	t.Logf("off by %s at most", worst)
}

func readCSV(tb testing.TB, name string) [][]string {
	tb.Helper()
	file, err := os.Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	if err != nil || len(rows) == 0 {
		tb.Fatal(len(rows), err)
	}
	return rows
}

// TestSunAt_Meeus works the examples 25.a and 28.b of Meeus, Astronomical
// Algorithms: 13 October 1992, 0 h.
func TestSunAt_Meeus(t *testing.T) {
	t.Parallel()
	declination, equation := schedule.SunAt(moment(t, "1992-10-13T00:00:00Z").Sub(time.Unix(0, 0)).Hours())
	if math.Abs(declination+7.78507) > 0.0005 {
		t.Errorf("got a declination of %.5f, want -7.78507", declination)
	}
	if seconds := equation * 3600; math.Abs(seconds-(13*60+42.7)) > 1 {
		t.Errorf("got an equation of time of %.1f s, want 822.7", seconds)
	}
}
