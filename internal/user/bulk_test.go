package user_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/query"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

func TestBatches(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			checkBatches(t, open(t))
		})
	}
}

// insertMany stores n users, every third of whom is not active.
func insertMany(t *testing.T, db user.Store, n int) {
	t.Helper()
	at := newClock().at
	err := db.InTx(t.Context(), func(tx user.Tx) error {
		for i := 1; i <= n; i++ {
			name := fmt.Sprintf("user%d", i)
			u := user.User{Username: name, Email: name + "@example.com", IsActive: i%3 != 0, CreatedAt: at, UpdatedAt: at}
			if _, err := tx.InsertUser(u); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkBatches deactivates and then deletes all that a query finds, batch by batch.
func checkBatches(t *testing.T, db *store.Store) {
	t.Helper()
	const all = 2*user.MaxBatch + 200
	users, _ := newUsers(t, db, newClock())
	insertMany(t, db, all)
	q := user.Query{Search: "user"}
	count, through, err := users.Extent(t.Context(), everybody, q)
	if err != nil || count != all || through != all {
		t.Fatalf("Extent: got %d through %d, %v, want %d", count, through, err, all)
	}
	mustCreate(t, users, "user-later")
	run := func(do func(user.Batch) (user.Step, error)) (changed, skipped, steps int) {
		b := user.Batch{Query: q, Through: through}
		for {
			step, err := do(b)
			if err != nil {
				t.Fatal(err)
			}
			changed, skipped, steps = changed+step.Changed, skipped+step.Skipped, steps+1
			if step.Last == 0 {
				return changed, skipped, steps
			}
			b.After = step.Last
		}
	}
	changed, skipped, steps := run(func(b user.Batch) (user.Step, error) { return users.SetActive(t.Context(), everybody, b, false) })
	if changed != all-all/3 || skipped != all/3 || steps != 3 {
		t.Errorf("SetActive: changed %d, skipped %d in %d steps", changed, skipped, steps)
	}
	if n, err := users.CountActive(t.Context(), everybody); err != nil || n != 1 {
		t.Errorf("got %d active, %v, want the one who came later", n, err)
	}
	changed, skipped, _ = run(func(b user.Batch) (user.Step, error) { return users.DeleteBatch(t.Context(), everybody, b) })
	if changed != all || skipped != 0 {
		t.Errorf("DeleteBatch: changed %d, skipped %d, want %d", changed, skipped, all)
	}
	if n, err := db.CountUsers(t.Context(), user.Query{}); err != nil || n != 1 {
		t.Errorf("got %d users, %v, want the one who came later", n, err)
	}
	counts, err := db.CountAudit(t.Context(), audit.Filter{Words: []string{"several"}}, 10*all)
	if err != nil || counts.By[audit.ByAction]["update"] != all-all/3 || counts.By[audit.ByAction]["delete"] != all {
		t.Errorf("audit trail: got %+v, %v", counts, err)
	}
}

func TestSetActive_ByID(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	users, _ := newUsers(t, db, newClock())
	insertMany(t, db, 4)
	step, err := users.SetActive(t.Context(), everybody, user.Batch{IDs: []int64{1, 3, 4, 99}}, true)
	if want := (user.Step{Changed: 1, IDs: []int64{3}, Skipped: 3}); err != nil || !cmp.Equal(step, want) {
		t.Errorf("got %+v, %v, want %+v", step, err, want)
	}
	if u, err := users.Find(t.Context(), everybody, 3); err != nil || !u.IsActive {
		t.Errorf("got %+v, %v", u, err)
	}
	if _, err := users.DeleteBatch(t.Context(), everybody, user.Batch{IDs: make([]int64, user.MaxBatch+1)}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("too many: got %v, want Invalid", err)
	}
}

// meddling changes a user between the look at a batch and its transaction.
type meddling struct {
	*store.Store
	meddle func()
}

func (m *meddling) InTx(ctx context.Context, fn func(user.Tx) error) error {
	if meddle := m.meddle; meddle != nil {
		m.meddle = nil
		meddle()
	}
	return m.Store.InTx(ctx, fn)
}

func TestDeleteBatch_ChangedMeanwhile(t *testing.T) {
	t.Parallel()
	db := &meddling{Store: storetest.OpenSQLite(t)}
	users, _ := newUsers(t, db, newClock())
	insertMany(t, db, 3)
	db.meddle = func() {
		if _, err := users.Update(t.Context(), everybody, 2, rename("Saved"), form.Partial); err != nil {
			t.Error(err)
		}
		if err := users.Delete(t.Context(), everybody, 3); err != nil {
			t.Error(err)
		}
	}
	step, err := users.DeleteBatch(t.Context(), everybody, user.Batch{Through: 3})
	if want := (user.Step{Changed: 1, IDs: []int64{1}, Skipped: 2}); err != nil || !cmp.Equal(step, want) {
		t.Errorf("got %+v, %v, want %+v", step, err, want)
	}
	if u, err := users.Find(t.Context(), everybody, 2); err != nil || u.FirstName.String != "Saved" {
		t.Errorf("who was changed meanwhile: got %+v, %v", u, err)
	}
}

func TestWalk(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	users, _ := newUsers(t, db, newClock())
	insertMany(t, db, user.MaxBatch+7)
	var last int64
	n := 0
	err := users.Walk(t.Context(), everybody, user.Query{IsActive: query.OnlyTrue}, func(u *user.User) error {
		if u.ID <= last || !u.IsActive {
			t.Errorf("got user %d after %d", u.ID, last)
		}
		last, n = u.ID, n+1
		return nil
	})
	if want := user.MaxBatch + 7 - (user.MaxBatch+7)/3; err != nil || n != want {
		t.Errorf("got %d, %v, want %d", n, err, want)
	}
}

func TestBatches_CheckTheActor(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	users, _ := newUsers(t, db, newClock())
	insertMany(t, db, 1)
	viewer := access.NewActor(access.Account{ID: 1, Permissions: []access.Permission{access.ViewUser}})
	_, setActive := users.SetActive(t.Context(), viewer, user.Batch{IDs: []int64{1}}, false)
	_, remove := users.DeleteBatch(t.Context(), viewer, user.Batch{IDs: []int64{1}})
	_, _, extent := users.Extent(t.Context(), access.NewActor(access.Account{ID: 1}), user.Query{})
	for name, err := range map[string]error{"SetActive": setActive, "DeleteBatch": remove, "Extent": extent} {
		if fault.KindOf(err) != fault.Denied {
			t.Errorf("%s: got %v, want Denied", name, err)
		}
	}
}
