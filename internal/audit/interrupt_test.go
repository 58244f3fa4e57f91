package audit_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// A trail that cannot be read is never sound, and what is interrupted at any
// statement changes nothing, or all.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	auditor := access.System("test")
	prepared := storetest.Prepare(t, func(db *store.Store) {
		record(t, db, 3)
		if _, err := trailOn(db).Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		record(t, db, 2)
	})
	for name, operation := range map[string]func(context.Context, *audit.Trail) (any, error){
		"seal":   func(ctx context.Context, trail *audit.Trail) (any, error) { return trail.Seal(ctx) },
		"verify": func(ctx context.Context, trail *audit.Trail) (any, error) { return trail.Verify(ctx, auditor) },
		"each": func(ctx context.Context, trail *audit.Trail) (any, error) {
			n := 0
			err := trail.Each(ctx, auditor, func(*audit.Row) error { n++; return nil })
			return n, err
		},
		"prune": func(ctx context.Context, trail *audit.Trail) (any, error) {
			return trail.Prune(ctx, noon, noon, func() error { return nil })
		},
		"list": func(ctx context.Context, trail *audit.Trail) (any, error) {
			rows, err := trail.List(ctx, auditor, audit.Filter{}, 0, 10)
			return len(rows), err
		},
		"count": func(ctx context.Context, trail *audit.Trail) (any, error) {
			return trail.Count(ctx, auditor, audit.Filter{})
		},
		"find": func(ctx context.Context, trail *audit.Trail) (any, error) { return trail.Find(ctx, auditor, 2) },
		"history": func(ctx context.Context, trail *audit.Trail) (any, error) {
			rows, err := trail.History(ctx, auditor, access.ViewUser, object, 10)
			return len(rows), err
		},
		"recent": func(ctx context.Context, trail *audit.Trail) (any, error) {
			rows, err := trail.Recent(ctx, access.NewActor(access.Account{ID: 7, Username: "ann"}), 10)
			return len(rows), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prepared.Interrupt(t, func(db *store.Store) (string, error) {
				answer, err := operation(t.Context(), trailOn(db))
				return fmt.Sprint(answer), err
			})
		})
	}
	t.Run("reseal", func(t *testing.T) {
		t.Parallel()
		prepared.InterruptSteps(t, func(db *store.Store) (string, error) {
			rows, err := trailOn(db).Reseal(t.Context(), auditor)
			return strconv.FormatInt(rows, 10), err
		})
	})
}

var object = audit.Object{Type: "user", ID: 1, Name: "ada"}

func trailOn(db *store.Store) *audit.Trail {
	return audit.NewTrail(db, audit.NewChain("secret"), slog.New(slog.DiscardHandler))
}

// record writes n entries of an account, each an hour before noon.
func record(t *testing.T, db *store.Store, n int) {
	t.Helper()
	actor := access.NewActor(access.Account{ID: 7, Username: "ann"})
	for range n {
		storetest.Record(t, db, audit.NewEntry(noon.Add(-time.Hour), actor, audit.Update, object, nil))
	}
}

// Each deletion of entries is recorded in its transaction, so that a stop between
// two hides none.
func TestPrune_RecordsEachTransaction(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	record(t, db, 501)
	trail := trailOn(db)
	if _, err := trail.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	stopped := context.Canceled
	if removed, err := trail.Prune(t.Context(), noon, noon, func() error { return stopped }); err == nil || removed != 500 {
		t.Fatalf("got %d, %v, want to be stopped after 500", removed, err)
	}
	rows, err := db.ListAudit(t.Context(), 501, 10)
	if err != nil || len(rows) != 1 || rows[0].Action != audit.Delete || fmt.Sprint(rows[0].Changes[0].Old) != "500" {
		t.Errorf("got %+v, %v, want an entry of the 500", rows, err)
	}
}
