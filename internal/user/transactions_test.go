package user_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/user"
)

// twice runs each transaction twice, as an engine may, and loses the first one to
// another writer.
type twice struct{ *store.Store }

func lost(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "Another writer was faster.")
}

func (s twice) InTx(ctx context.Context, fn func(user.Tx) error) error {
	if err := s.Store.InTx(ctx, func(tx user.Tx) error { return lost(fn(tx)) }); fault.KindOf(err) != fault.Conflict {
		return err
	}
	return s.Store.InTx(ctx, fn)
}

func (s twice) InSubscriptionTx(ctx context.Context, fn func(user.SubscriptionTx) error) error {
	if err := s.Store.InSubscriptionTx(ctx, func(tx user.SubscriptionTx) error { return lost(fn(tx)) }); fault.KindOf(err) != fault.Conflict {
		return err
	}
	return s.Store.InSubscriptionTx(ctx, fn)
}

// A transaction that runs twice has the effect and the answer of one.
func TestTransactions_RunTwice(t *testing.T) {
	t.Parallel()
	type services struct {
		*user.Users
		subs *user.Subscriptions
	}
	for name, operation := range map[string]func(services, context.Context) (any, error){
		"create": func(u services, ctx context.Context) (any, error) { return u.Create(ctx, everybody, input("new")) },
		"create once": func(u services, ctx context.Context) (any, error) {
			made, err := u.CreateOnce(ctx, everybody, "a-key", input("new"))
			again, err2 := u.CreateOnce(ctx, everybody, "a-key", input("new"))
			return fmt.Sprint(made, again), errors.Join(err, err2)
		},
		"update": func(u services, ctx context.Context) (any, error) {
			return u.Update(ctx, everybody, 1, rename("Ann"), form.Partial)
		},
		"delete": func(u services, ctx context.Context) (any, error) {
			return u.DeleteIf(ctx, everybody, 1, func(found user.User) bool { return found.ID == 1 })
		},
		"delete not": func(u services, ctx context.Context) (any, error) {
			return u.DeleteIf(ctx, everybody, 1, func(user.User) bool { return false })
		},
		"deactivate several": func(u services, ctx context.Context) (any, error) {
			return u.SetActive(ctx, everybody, user.Batch{IDs: []int64{1, 2, 3, 9}}, false)
		},
		"delete several": func(u services, ctx context.Context) (any, error) {
			return u.DeleteBatch(ctx, everybody, user.Batch{IDs: []int64{1, 2, 9}})
		},
		"unsubscribe": func(u services, ctx context.Context) (any, error) { return nil, u.subs.Set(ctx, everybody, 1, false) },
	} {
		run := func(open func(*store.Store) interface {
			user.Store
			user.SubscriptionStore
		},
		) string {
			db := storetest.OpenSQLite(t)
			insertMany(t, db, 3)
			c := newClock()
			c.still = true
			var log strings.Builder
			on, logger := open(db), slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			}}))
			answer, err := operation(services{user.NewUsers(on, c.now, logger), user.NewSubscriptions(on, signer{"a secret"}, c.now, logger)}, t.Context())
			if err != nil {
				t.Errorf("%s: got %v", name, err)
			}
			entries, err := db.FilterAudit(t.Context(), audit.Filter{}, 0, 10)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("%+v\n%+v\n%s", answer, entries, &log)
		}
		type storage = interface {
			user.Store
			user.SubscriptionStore
		}
		once := run(func(db *store.Store) storage { return db })
		if got := run(func(db *store.Store) storage { return twice{db} }); got != once {
			t.Errorf("%s: got %s\nwant %s", name, got, once)
		}
	}
}

// The extent of what a query finds is the number and the highest id, in whatever
// order the query lists. Who may not view users learns neither.
func TestExtent(t *testing.T) {
	t.Parallel()
	users, _ := newUsers(t, storetest.OpenSQLite(t), newClock())
	for _, name := range []string{"bob", "eve", "ann"} {
		mustCreate(t, users, name)
	}
	for _, c := range []struct {
		q              user.Query
		count, through int64
	}{
		{user.Query{}, 3, 3}, {user.Query{Order: "id"}, 3, 3}, {user.Query{Order: "username"}, 3, 3}, {user.Query{Order: "-username"}, 3, 3},
		{user.Query{Search: "e", Order: "id"}, 3, 3}, {user.Query{Search: "bob"}, 1, 1}, {user.Query{Search: "zoe"}, 0, 0},
	} {
		if count, through, err := users.Extent(t.Context(), everybody, c.q); err != nil || count != c.count || through != c.through {
			t.Errorf("%+v: got %d through %d, %v, want %d through %d", c.q, count, through, err, c.count, c.through)
		}
	}
	stranger := access.NewActor(access.Account{ID: 1})
	if count, through, err := users.Extent(t.Context(), stranger, user.Query{}); fault.KindOf(err) != fault.Denied || count != 0 || through != 0 {
		t.Errorf("without the permission: got %d through %d, %v", count, through, err)
	}
}

// A batch of a query that is full is followed by another one, one of ids never is.
// The log has a line for each.
func TestBatches_Full(t *testing.T) {
	t.Parallel()
	const full = user.MaxBatch
	db := storetest.OpenSQLite(t)
	users, log := newUsers(t, db, newClock())
	insertMany(t, db, full)
	ids := make([]int64, full)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	for _, c := range []struct {
		name string
		b    user.Batch
		size int
		last int64
	}{
		{"ids", user.Batch{IDs: ids}, full, 0},
		{"a query of one less", user.Batch{Through: full - 1}, full - 1, 0},
		{"a query", user.Batch{Through: full}, full, full},
		{"the rest of a query", user.Batch{After: full - 1, Through: full}, 1, 0},
		{"nothing left", user.Batch{After: full, Through: full}, 0, 0},
	} {
		log.Reset()
		step, err := users.SetActive(t.Context(), everybody, c.b, true)
		if err != nil || step.Changed+step.Skipped != c.size || step.Last != c.last || len(step.IDs) != step.Changed {
			t.Errorf("%s: got %d changed, %d skipped, last %d, %v, want %d and last %d", c.name, step.Changed, step.Skipped, step.Last, err, c.size, c.last)
		}
		if line := fmt.Sprintf(`"users changed in a batch" changed=%d skipped=%d`, step.Changed, step.Skipped); c.size > 0 != strings.Contains(log.String(), line) {
			t.Errorf("%s: want %s in the log, got %s", c.name, line, log)
		}
	}
}

// A walk ends with the error of its function, and needs the permission to view.
func TestWalk_Stops(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	users, _ := newUsers(t, db, newClock())
	insertMany(t, db, 3)
	stop, seen := errors.New("enough"), 0
	err := users.Walk(t.Context(), everybody, user.Query{}, func(*user.User) error {
		if seen++; seen == 2 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || seen != 2 {
		t.Errorf("got %v after %d users", err, seen)
	}
	err = users.Walk(t.Context(), access.NewActor(access.Account{ID: 1}), user.Query{}, func(*user.User) error { return stop })
	if fault.KindOf(err) != fault.Denied {
		t.Errorf("without the permission: got %v", err)
	}
}

// unseen does not see the key of the first search, as it is committed a moment
// later.
type unseen struct {
	*store.Store
	searched bool
}

type unseenTx struct {
	user.Tx
	storage *unseen
}

func (s *unseen) InTx(ctx context.Context, fn func(user.Tx) error) error {
	return s.Store.InTx(ctx, func(tx user.Tx) error { return fn(unseenTx{tx, s}) })
}

func (tx unseenTx) FindKept(key string, oldest time.Time) (user.User, error) {
	if !tx.storage.searched {
		tx.storage.searched = true
		return user.User{}, fault.New(fault.NotFound, "Not found.")
	}
	return tx.Tx.FindKept(key, oldest)
}

// A repeated create whose first one is committed between the search for its key and
// the insert returns the same user. Another user under that key is refused.
func TestCreateOnce_CommittedMeanwhile(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	users, _ := newUsers(t, db, newClock())
	first := mustCreateOnce(t, users, key, input("first"))
	more := input("first")
	more["phone"] = form.Value{Kind: form.String, Text: "1"}
	for _, c := range []struct {
		name string
		key  string
		in   form.Input
		want fault.Kind
	}{
		{"the same", key, input("first"), fault.Internal},
		{"a field more", key, more, fault.Unprocessable},
		{"another name", key, input("second"), fault.Unprocessable},
		{"another key", "another-key", input("first"), fault.Invalid},
	} {
		late, log := newUsers(t, &unseen{Store: db}, newClock())
		got, err := createOnce(t, late, c.key, c.in)
		same := c.want == fault.Internal
		if same != (err == nil) || same && got != first || !same && fault.KindOf(err) != c.want {
			t.Errorf("%s: got %+v, %v", c.name, got, err)
		}
		if repeated := strings.Contains(log.String(), "user was already created"); repeated != same {
			t.Errorf("%s: got the log %s", c.name, log)
		}
	}
	if n, err := db.CountUsers(t.Context(), user.Query{}); err != nil || n != 1 {
		t.Errorf("got %d users, %v, want the first alone", n, err)
	}
}

// Versions are the same in all processes, also in those of another release, which
// share a database during an upgrade.
func TestVersion_IsStable(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	u := user.User{ID: 1<<40 + 7, Username: "ann", Email: "ann@example.com", Phone: form.TextOf(""), Address: form.TextOf("1 Main Street"), IsActive: true, CreatedAt: at, UpdatedAt: at.Add(time.Second)}
	odd := u
	odd.Unreadable.Add("is_active", "7")
	for want, u := range map[string]user.User{"-gzt8b3t5hc0-3obfw6tqzd2tq": {}, "hegozz2anp-24l5cnxcy637o": u, "hegozz2anp-1u59euytkyz0y": odd} {
		if got := u.Version(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// What a create causes is stored with it. If that cannot be made or stored, there is
// no user.
func TestAfterCreate(t *testing.T) {
	t.Parallel()
	db, c := storetest.OpenSQLite(t), newClock()
	made := errors.New("the task cannot be made")
	for _, want := range []error{made, nil} {
		users, _ := newUsers(t, db, c)
		users.AfterCreate(func(created user.User) (task.New, error) {
			return task.New{Kind: created.Username, Version: 1, Queue: "default", Args: []byte("{}"), At: c.now(), RunAt: c.now()}, want
		})
		if _, err := users.Create(t.Context(), everybody, input("ann")); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
		if _, err := users.CreateOnce(t.Context(), everybody, "a-key", input("bob")); !errors.Is(err, want) {
			t.Errorf("once: got %v, want %v", err, want)
		}
		n, err := db.CountUsers(t.Context(), user.Query{})
		tasks, err2 := db.ListTasks(t.Context(), task.Filter{}, 0, 10)
		if all := 2 * map[bool]int{true: 1}[want == nil]; err != nil || err2 != nil || n != int64(all) || len(tasks) != all {
			t.Errorf("%v: got %d users and %d tasks, %v, %v", want, n, len(tasks), err, err2)
		}
	}
}

// held is a storage whose first count waits.
type held struct {
	*store.Store
	begun, release chan struct{}
}

func (s held) CountUsers(ctx context.Context, q user.Query) (int64, error) {
	s.begun <- struct{}{}
	<-s.release
	return s.Store.CountUsers(ctx, q)
}

// Who goes while another one counts is not kept waiting.
func TestStatistics_GoneWhileWaiting(t *testing.T) {
	t.Parallel()
	db := held{storetest.OpenSQLite(t), make(chan struct{}), make(chan struct{})}
	users, _ := newUsers(t, db, newClock())
	counted := make(chan error)
	go func() {
		_, err := users.Statistics(t.Context(), everybody, 1, nil)
		counted <- err
	}()
	<-db.begun
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := users.Statistics(gone, everybody, 1, nil); !errors.Is(err, context.Canceled) || got.Total != 0 || got.Days != nil {
		t.Errorf("got %+v, %v", got, err)
	}
	close(db.release)
	if err := <-counted; err != nil {
		t.Error(err)
	}
}
