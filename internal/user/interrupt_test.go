package user_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/store"
	"roster/internal/store/storetest"
	"roster/internal/task"
	"roster/internal/user"
)

// interruptible is the services on a database with three users.
type interruptible struct {
	*user.Users
	subs *user.Subscriptions
	ids  []int64
}

func newInterruptible(db *store.Store, ids []int64) interruptible {
	clock, log := newClock(), slog.New(slog.DiscardHandler)
	clock.still = true
	users := user.NewUsers(db, clock.now, log)
	users.AfterCreate(func(user.User) (task.New, error) {
		return task.New{Kind: "welcome", Version: 1, Queue: "default", Args: []byte("{}"), At: clock.now(), RunAt: clock.now()}, nil
	})
	return interruptible{users, user.NewSubscriptions(db, signer{"a secret"}, clock.now, log), ids}
}

// An operation that is interrupted at any statement changes nothing, or all. What
// could not be read is an error, never an empty page.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	var ids []int64
	prepared := storetest.Prepare(t, func(db *store.Store) { ids = threeUsers(t, db) })
	for name, operation := range map[string]func(interruptible, context.Context) (any, error){
		"create": func(u interruptible, ctx context.Context) (any, error) {
			made, err := u.Create(ctx, everybody, input("new"))
			return made.Username, err
		},
		"create once": func(u interruptible, ctx context.Context) (any, error) {
			made, err := u.CreateOnce(ctx, everybody, "a-key", input("new"))
			return made.Username, err
		},
		"update": func(u interruptible, ctx context.Context) (any, error) {
			changed, err := u.Update(ctx, everybody, u.ids[0], input("new"), form.Replace)
			return changed.Username, err
		},
		"delete": func(u interruptible, ctx context.Context) (any, error) {
			return nil, u.Delete(ctx, everybody, u.ids[0])
		},
		"deactivate several": func(u interruptible, ctx context.Context) (any, error) {
			return u.SetActive(ctx, everybody, user.Batch{IDs: u.ids}, false)
		},
		"delete several": func(u interruptible, ctx context.Context) (any, error) {
			return u.DeleteBatch(ctx, everybody, user.Batch{Through: u.ids[1]})
		},
		"find": func(u interruptible, ctx context.Context) (any, error) {
			found, err := u.Find(ctx, everybody, u.ids[0])
			return found.Username, firstError(err, u.Exists(ctx, everybody, u.ids[0]))
		},
		"list": func(u interruptible, ctx context.Context) (any, error) {
			page, err := u.List(ctx, everybody, user.Query{}, 1, 10)
			return names(page.Users), err
		},
		"search": func(u interruptible, ctx context.Context) (any, error) {
			counts, found, err := u.Look(ctx, everybody, user.Query{Search: "user"}, user.Window{Limit: 2, Count: 10})
			return fmt.Sprint(counts, names(found)), err
		},
		"look": func(u interruptible, ctx context.Context) (any, error) {
			counts, found, err := u.Look(ctx, everybody, user.Query{}, user.Window{Limit: 2})
			some, err2 := u.Some(ctx, everybody, user.Query{Order: "id"}, 1, 1)
			return fmt.Sprint(counts, names(found), names(some)), firstError(err, err2)
		},
		"walk": func(u interruptible, ctx context.Context) (any, error) {
			seen := 0
			err := u.Walk(ctx, everybody, user.Query{}, func(*user.User) error { seen++; return nil })
			if err != nil {
				seen = 0
			}
			return seen, err
		},
		"count": func(u interruptible, ctx context.Context) (any, error) {
			active, err := u.CountActive(ctx, everybody)
			count, through, err2 := u.Extent(ctx, everybody, user.Query{})
			first, last, err3 := u.CreatedSpan(ctx, everybody)
			return fmt.Sprint(active, count, through, first, last), firstError(err, err2, err3)
		},
		"statistics": func(u interruptible, ctx context.Context) (any, error) {
			return u.Statistics(ctx, everybody, 3, time.UTC)
		},
		"dependents": func(u interruptible, ctx context.Context) (any, error) { return u.Dependents(ctx, everybody, u.ids[0]) },
		"unsubscribe": func(u interruptible, ctx context.Context) (any, error) {
			return nil, u.subs.SetByToken(ctx, access.Actor{}, u.subs.Token(u.ids[0]), false)
		},
		"look at a subscription": func(u interruptible, ctx context.Context) (any, error) {
			gets, err := u.subs.Gets(ctx, everybody, u.ids[2])
			address, again, err2 := u.subs.ByToken(ctx, u.subs.Token(u.ids[2]))
			return fmt.Sprint(gets, address, again), firstError(err, err2)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prepared.Interrupt(t, func(db *store.Store) (string, error) {
				answer, err := operation(newInterruptible(db, ids), t.Context())
				return fmt.Sprint(answer), err
			})
		})
	}
}

// threeUsers stores three users, the last of whom gets no mailings.
func threeUsers(t *testing.T, db *store.Store) (ids []int64) {
	t.Helper()
	u := newInterruptible(db, nil)
	for n := range 3 {
		ids = append(ids, mustCreate(t, u.Users, fmt.Sprintf("user%d", n)).ID)
	}
	if err := u.subs.Set(t.Context(), everybody, ids[2], false); err != nil {
		t.Fatal(err)
	}
	return ids
}

func names(users []user.User) (all []string) {
	for _, u := range users {
		all = append(all, u.Username)
	}
	return all
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// A request that was received completely is finished when its client goes away,
// and a client that is gone stops what only reads.
func TestUsers_CanceledContext(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			users, _ := newUsers(t, open(t), newClock())
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			made, err := users.Create(gone, everybody, input("ann"))
			if err != nil {
				t.Fatalf("Create: %v", err)
			}
			if _, err := users.Update(gone, everybody, made.ID, input("bea"), form.Replace); err != nil {
				t.Errorf("Update: %v", err)
			}
			if err := users.Delete(gone, everybody, made.ID); err != nil {
				t.Errorf("Delete: %v", err)
			}
			if _, err := users.Find(t.Context(), everybody, made.ID); fault.KindOf(err) != fault.NotFound {
				t.Errorf("Find: got %v", err)
			}
		})
	}
}
