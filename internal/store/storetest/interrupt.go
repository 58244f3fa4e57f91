package storetest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roster/internal/fault"
	"roster/internal/store"
)

// maxSteps ends a test whose operation never succeeds.
const maxSteps = 2000

// Operation calls a service on a store, and returns what it answers, without
// what differs between runs, such as tokens.
type Operation func(s *store.Store) (answer string, err error)

// Prepared is a database on which operations run while the storage fails. It is
// safe for concurrent use.
type Prepared struct {
	content []byte   // of the file
	before  []string // its dump
	except  []string
}

// Prepare returns an empty database after fill. The tables named in except are
// not compared.
func Prepare(t *testing.T, fill func(*store.Store), except ...string) *Prepared {
	t.Helper()
	d := &interrupted{Prepared: &Prepared{except: except}, faults: &faults{}, path: MigratedFile(t)}
	d.open(t)
	fill(d.store)
	d.close(t)
	var err error
	if d.content, err = os.ReadFile(d.path); err != nil {
		t.Fatal(err)
	}
	d.before = d.dump(t)
	return d.Prepared
}

// Interrupt runs an operation once for each step of the storage that it takes,
// and lets that step fail. Each run must return an error of kind Unavailable
// and leave every table as it was, or succeed like a run without failures.
func (p *Prepared) Interrupt(t *testing.T, run Operation) {
	t.Helper()
	d := p.copied(t, run)
	d.each(t, func(step string) {
		if after := d.dump(t); !slices.Equal(after, d.before) {
			t.Errorf("%s: changed the database: %v", step, difference(d.before, after))
			d.close(t)
		}
	})
}

// InterruptSteps is Interrupt for an operation of several transactions: what it
// did before the failure may stay, and running it again must do the rest.
func (p *Prepared) InterruptSteps(t *testing.T, run Operation) {
	t.Helper()
	d := p.copied(t, run)
	d.each(t, func(step string) {
		if _, _, err := d.runWith(0); err != nil {
			t.Errorf("%s: again: %v", step, err)
		}
		d.wantWhole(t, step)
		d.close(t)
	})
}

// interrupted is a copy of a prepared database, which is made again when it has
// changed.
type interrupted struct {
	*Prepared

	run    Operation
	answer string         // after a run without failures
	rows   map[string]int // by table, likewise

	faults *faults
	path   string
	store  *store.Store
}

// copied returns a copy, and runs the operation on another one without failures.
func (p *Prepared) copied(t *testing.T, run Operation) *interrupted {
	t.Helper()
	d := &interrupted{Prepared: p, run: run, faults: &faults{}}
	d.renew(t)
	var err error
	if d.answer, err = run(d.store); err != nil {
		t.Fatalf("without a failure: %v", err)
	}
	d.rows = counts(d.dump(t))
	d.close(t)
	return d
}

// each runs the operation for each step, and calls failed after a run that
// returned an error.
func (d *interrupted) each(t *testing.T, failed func(step string)) {
	t.Helper()
	for n := 1; n < maxSteps; n++ {
		if d.store == nil {
			d.renew(t)
		}
		answer, statement, err := d.runWith(n)
		step := fmt.Sprintf("step %d, %.200s", n, statement)
		switch {
		case err == nil && answer != d.answer:
			t.Errorf("%s: got %q, want %q or an error", step, answer, d.answer)
			d.close(t)
		case err == nil:
			d.wantWhole(t, step)
			d.close(t)
		case fault.KindOf(err) != fault.Unavailable:
			t.Errorf("%s: got the error %v of kind %d, want Unavailable", step, err, fault.KindOf(err))
			d.close(t)
		default:
			failed(step)
		}
		if statement == "" {
			if n == 1 {
				t.Error("the operation does not use the storage")
			}
			return
		}
	}
	t.Fatal("the operation never succeeds")
}

// runWith runs the operation with the nth step failing, 0 for none, and returns the
// statement that failed. The engine refuses what arrives while it refuses others;
// then the operation runs again.
func (d *interrupted) runWith(n int) (answer, statement string, err error) {
	for range 10 { // the second try is enough, unless the refusal lasts
		d.faults.arm(n)
		answer, err = d.run(d.store)
		statement = d.faults.disarm()
		if statement != "" || fault.KindOf(err) != fault.Unavailable {
			break
		}
	}
	return answer, statement, err
}

// renew opens a new copy of the prepared file.
func (d *interrupted) renew(t *testing.T) {
	t.Helper()
	d.path = filepath.Join(t.TempDir(), "db.sqlite3")
	if err := os.WriteFile(d.path, d.content, 0o600); err != nil {
		t.Fatal(err)
	}
	d.open(t)
}

func (d *interrupted) open(t *testing.T) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: d.path, Readers: 1, Wrap: d.faults.wrap})
	if err != nil {
		t.Fatal(err)
	}
	d.store = s
	t.Cleanup(func() { _ = s.Close() })
}

func (d *interrupted) close(t *testing.T) {
	t.Helper()
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	d.store = nil
}

func (d *interrupted) dump(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(Dump(t, d.path), func(row string) bool {
		table, _, _ := strings.Cut(row, ": ")
		return slices.Contains(d.except, table)
	})
}

// wantWhole checks that every table has as many rows as after a run without
// failures.
func (d *interrupted) wantWhole(t *testing.T, step string) {
	t.Helper()
	if got := counts(d.dump(t)); !maps.Equal(got, d.rows) {
		t.Errorf("%s: succeeded with the rows %v, want %v", step, got, d.rows)
	}
}
