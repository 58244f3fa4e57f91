package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/task/periodic"
	"roster/internal/task/schedule"
)

var updateCelery = flag.Bool("update-celery", false, "record what Celery answers to the long drill")

const recordedCelery = "testdata/django/celery.jsonl"

// celerySays is what Celery's beat does with a schedule.
type celerySays struct {
	Name    string       `json:"name,omitempty"`
	Loaded  bool         `json:"loaded"`
	Enabled bool         `json:"enabled"`
	Faults  []string     `json:"faults,omitempty"` // of Django's forms
	Error   string       `json:"error,omitempty"`
	Next    []*time.Time `json:"next"` // the run after each of celeryAfter; null where clocks skip it
	timing
}

// timing are the columns of the schedule of a row.
type timing struct {
	Crontab  *schedule.CrontabSpec  `json:"crontab,omitempty"`
	Interval *schedule.IntervalSpec `json:"interval,omitempty"`
	Solar    *schedule.SolarSpec    `json:"solar,omitempty"`
	Clocked  *time.Time             `json:"clocked,omitempty"`
}

func timingOf(r schedule.Row) timing {
	found := timing{Crontab: r.Crontab, Interval: r.Interval, Solar: r.Solar}
	if !r.Clocked.IsZero() {
		found.Clocked = &r.Clocked
	}
	return found
}

func (s timing) row() schedule.Row {
	r := schedule.Row{Crontab: s.Crontab, Interval: s.Interval, Solar: s.Solar}
	if s.Clocked != nil {
		r.Clocked = *s.Clocked
	}
	return r
}

func (s timing) String() string {
	text, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// celeryAfter are the times of AFTER in beat.py.
var celeryAfter = []time.Time{
	time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC),
	time.Date(2027, 3, 13, 23, 59, 30, 0, time.UTC),
	time.Date(2028, 2, 28, 4, 17, 1, 0, time.UTC),
}

// TestDrill_Celery has the DatabaseScheduler of django-celery-beat load and run
// what Roster stores, and Roster what 250 rows of its models say. The short form
// compares with what Celery answered to the long one, which make drill runs.
func TestDrill_Celery(t *testing.T) { //nolint:tparallel // its parts follow each other
	t.Parallel()
	if os.Getenv("ROSTER_DRILL") == "long" {
		t.Run("live", func(t *testing.T) { onBoth(t, askCelery) })
	}
	if *updateCelery {
		return
	}
	recorded := readCelery(t)
	typed := typedSchedules()
	stored := 0
	for _, row := range typed {
		row, err := row.Stored()
		if err != nil {
			continue
		}
		stored++
		if _, ok := recorded[timingOf(row).String()]; !ok {
			t.Errorf("Celery was not asked about %s: run TestDrill_Celery with ROSTER_DRILL=long and -update-celery", timingOf(row))
		}
	}
	if stored < 200 || len(recorded) < stored+150 {
		t.Errorf("got %d of %d typed schedules stored, and %d answers", stored, len(typed), len(recorded))
	}
	for _, says := range recorded {
		checkSame(t, says)
	}
}

// askCelery asks Celery about schedules that Roster stores, and Roster about
// those that Django stores.
func askCelery(t *testing.T, settings []string) {
	t.Helper()
	d := newDjango(t, settings)
	db := openStore(t, settings)
	s := periodic.NewSchedules(db, job.Kinds(job.Services{}), time.Now, slog.New(slog.DiscardHandler))
	ours := storeTyped(t, s)
	ours += storeOfTests(t, db)
	var record []celerySays
	for _, says := range askAbout(t, d, db) {
		if !says.Loaded || !says.Enabled || says.Error != "" || len(says.Faults) > 0 {
			t.Errorf("Celery on %s: got %+v", says.timing, says)
		}
		checkSame(t, says)
		record = append(record, says)
	}
	seed := strconv.FormatInt(time.Now().Unix(), 10)
	if made := d.runFile("beat.py", "orm", "250", seed); made != "250" {
		t.Fatalf("got %s rows of Django, want 250", made)
	}
	runDjangos(t, s, int64(ours))
	for _, says := range askAbout(t, d, db)[ours:] {
		if says.Error != "" && !strings.HasPrefix(says.Error, "ValueError") { // it leaves out a 7 for Sunday
			t.Errorf("Celery on its own %s: got %+v", says.timing, says)
		}
		checkSame(t, says)
		if says.Loaded {
			record = append(record, says)
		}
	}
	if *updateCelery && !d.onMySQL() {
		writeCelery(t, record)
	}
	t.Logf("%d schedules of Roster, 250 of Django from the seed %s", ours, seed)
}

// runDjangos has Roster read and run the rows of Django after the first ours.
func runDjangos(t *testing.T, s *periodic.Schedules, ours int64) {
	t.Helper()
	root := access.System("test")
	rows, err := s.List(t.Context(), root, periodic.Filter{}, ours, 1000)
	if err != nil || len(rows) != 250 {
		t.Fatalf("got %d rows, %v, want 250", len(rows), err)
	}
	for i := range rows {
		p := s.Next(rows[i])
		if (p.Problem != "" || len(p.Runs) == 0) && rows[i].Enabled && p.Problem != "It expires before its next run." {
			t.Errorf("Roster on %s: got %+v", timingOf(rows[i]), p)
		}
		if _, err := s.Run(t.Context(), root, rows[i].ID); err != nil {
			t.Errorf("Roster on %+v: %v", rows[i], err)
		}
		e, err := rows[i].Read()
		if err != nil || len(p.Runs) == 0 {
			continue
		}
		if slots, _ := e.Due(p.Runs[0]); len(slots) == 0 {
			t.Errorf("%s is not due at %s", timingOf(rows[i]), p.Runs[0])
		}
	}
}

// askAbout has Celery load and run the schedules of a database, and returns what
// it says about each, by id.
func askAbout(t *testing.T, d *django, db *store.Store) (all []celerySays) {
	t.Helper()
	rows, err := db.ListPeriodic(t.Context(), periodic.Filter{}, 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(d.runFile("beat.py", "answer"), "\n")
	if len(lines) != len(rows) {
		t.Fatalf("got %d answers about %d schedules", len(lines), len(rows))
	}
	for i, line := range lines {
		var says celerySays
		if err := json.Unmarshal([]byte(line), &says); err != nil || says.Name != rows[i].Name {
			t.Fatalf("got %s, %v, want an answer about %s", line, err, rows[i].Name)
		}
		says.timing = timingOf(rows[i])
		all = append(all, says)
	}
	return all
}

// checkSame compares the runs that Celery computes with Roster's. An event of the
// sun may differ by two minutes, and is compared where it occurs every day, except
// for dusk_astronomical, for which Celery 5.3 has the wrong sign; an interval of
// less than a second has one slot per second here.
func checkSame(t *testing.T, says celerySays) {
	t.Helper()
	e, err := says.row().Read()
	if err != nil {
		t.Errorf("%s: %v", says.timing, err)
		return
	}
	if interval := says.Interval; says.Error != "" || interval != nil && interval.Period == "microseconds" && interval.Every < 1_000_000 {
		return
	}
	tolerance := time.Duration(0)
	if solar := says.Solar; solar != nil {
		tolerance = 2 * time.Minute
		if solar.Latitude > 48 || solar.Latitude < -48 || solar.Event == "dusk_astronomical" {
			return
		}
	}
	for i, want := range says.Next {
		got, ok := e.Schedule.Next(celeryAfter[i])
		if want != nil && (!ok || got.Sub(*want).Abs() > tolerance) && want.After(celeryAfter[i]) {
			t.Errorf("%s after %s: got %s, Celery says %s", says.timing, celeryAfter[i], got, want)
		}
	}
}

// storeTyped creates the typed schedules, and returns how many were accepted.
func storeTyped(t *testing.T, s *periodic.Schedules) (stored int) {
	t.Helper()
	for i, row := range typedSchedules() {
		_, err := s.Create(t.Context(), access.System("test"), func(r *schedule.Row) fault.Fields {
			r.Name, r.Task = fmt.Sprintf("typed %d", i), "noop"
			r.Crontab, r.Interval, r.Solar, r.Clocked = row.Crontab, row.Interval, row.Solar, row.Clocked
			r.OneOff = !r.Clocked.IsZero()
			extreme(r, i)
			return nil
		})
		if err == nil {
			stored++
		}
	}
	return stored
}

// extreme sets one of the other columns to its first or last value.
func extreme(r *schedule.Row, i int) {
	most := 255
	switch i % 10 {
	case 0:
		r.StartTime = celeryAfter[0]
	case 1:
		r.StartTime = time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC)
	case 2:
		r.StartTime = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	case 3:
		r.Expires = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	case 4:
		r.ExpireSeconds = 1<<31 - 1
	case 5:
		r.Queue, r.Description = "später, low/high 😀", "é😀"
	case 6:
		r.Priority = &most
	case 7:
		r.Name = strings.Repeat("é", 190) + r.Name
	case 8:
		r.Kwargs = `{"milliseconds": 9007199254740993}`
	}
}

// storeOfTests adds the schedules that other tests have stored, once each, and
// returns their number. storetest collects them.
func storeOfTests(t *testing.T, db *store.Store) (stored int) {
	t.Helper()
	folder := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "../internal/task/...", "../internal/api/...", "../internal/admin/site", "../internal/store/sqlite")
	cmd.Env = append(os.Environ(), "TEST_SCHEDULES="+folder, "ROSTER_DRILL=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Logf("%v: %s", err, out) // what they have stored counts
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(content)) {
			var row schedule.Row
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatal(err)
			}
			row.ID, row.Name, row.Enabled = 0, "of a test", true
			if key := fmt.Sprintf("%s %s %s %s", timingOf(row), row.Task, row.Args, row.Kwargs); seen[key] {
				continue
			} else {
				seen[key] = true
			}
			row.Name = fmt.Sprintf("of a test, %d", len(seen))
			if err := db.InPeriodicTx(t.Context(), func(tx periodic.Tx) error { _, err := tx.InsertSchedule(row); return err }); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(seen) < 20 {
		t.Errorf("got %d schedules of other tests", len(seen))
	}
	return len(seen)
}

// readCelery returns what Celery answered, by schedule.
func readCelery(t *testing.T) map[string]celerySays {
	t.Helper()
	content, err := os.ReadFile(recordedCelery)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]celerySays{}
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		var says celerySays
		if err := json.Unmarshal(lines.Bytes(), &says); err != nil {
			t.Fatal(err)
		}
		all[says.String()] = says
	}
	return all
}

// writeCelery records answers, once for each schedule.
func writeCelery(t *testing.T, all []celerySays) {
	t.Helper()
	lines := map[string]bool{}
	for _, says := range all {
		says.Name = ""
		line, err := json.Marshal(says)
		if err != nil {
			t.Fatal(err)
		}
		lines[string(line)+"\n"] = true
	}
	text := strings.Join(slices.Sorted(maps.Keys(lines)), "")
	if err := os.WriteFile(recordedCelery, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
