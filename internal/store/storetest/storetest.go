// Package storetest is the suite that every user.Store must pass.
package storetest

import (
	"fmt"
	"testing"
	"time"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/user"
)

// Run runs the suite. open returns an empty store that is closed when the test
// ends, and runs that many transactions at once.
func Run(t *testing.T, atOnce int, open func(t *testing.T) user.Store) {
	t.Helper()
	testCancelWhileWaiting := func(t *testing.T, s user.Store) { testCancelWhileWaiting(t, s, atOnce) }
	for name, test := range map[string]func(*testing.T, user.Store){
		"Missing":             testMissing,
		"RoundTrip":           testRoundTrip,
		"Times":               testTimes,
		"Duplicate":           testDuplicate,
		"Taken":               testTaken,
		"UpdateEveryField":    testUpdateEveryField,
		"DeleteAndNeverReuse": testDeleteAndNeverReuse,
		"Order":               testOrder,
		"Pages":               testPages,
		"TiedPages":           testTiedPages,
		"OddPages":            testOddPages,
		"Counts":              testCounts,
		"Search":              testSearch,
		"Letters":             testLetters,
		"Filter":              testFilter,
		"FilterMany":          testFilterMany,
		"Conditions":          testConditions,
		"Orders":              testOrders,
		"FoundPages":          testFoundPages,
		"Cursors":             testCursors,
		"CursorsStable":       testCursorsStable,
		"CountCreated":        testCountCreated,
		"FilterCreated":       testFilterCreated,
		"Look":                testLook,
		"Walk":                testWalk,
		"CreatedSpan":         testCreatedSpan,
		"Version":             testVersion,
		"Keep":                testKeep,
		"KeepTwice":           testKeepTwice,
		"Record":              testRecord,
		"FilterAudit":         testFilterAudit,
		"SearchAudit":         testSearchAudit,
		"OldestUnsealed":      testOldestUnsealed,
		"Seals":               testSeals,
		"Cut":                 testCut,
		"SealersAtOnce":       testSealersAtOnce,
		"Rollback":            testRollback,
		"SwallowedConflict":   testSwallowedConflict,
		"Panic":               testPanic,
		"Goexit":              testGoexit,
		"TxOver":              testTxOver,
		"DoneContext":         testDoneContext,
		"CancelWhileWaiting":  testCancelWhileWaiting,
		"CancelWhileRunning":  testCancelWhileRunning,
		"ConcurrentWriters":   testConcurrentWriters,
		"ConcurrentDuplicate": testConcurrentDuplicate,
		"ReadersAndWriters":   testReadersAndWriters,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// RunSearches runs the tests of what queries find. open returns an empty store
// that is closed when the test ends.
func RunSearches(t *testing.T, open func(t *testing.T) user.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, user.Store){
		"Search":        testSearch,
		"Letters":       testLetters,
		"Filter":        testFilter,
		"FilterCreated": testFilterCreated,
		"Look":          testLook,
		"Walk":          testWalk,
		"FoundPages":    testFoundPages,
		"Conditions":    testConditions,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// RunReads runs the tests of RunSearches, and those of pages and counts.
func RunReads(t *testing.T, open func(t *testing.T) user.Store) {
	t.Helper()
	RunSearches(t, open)
	for name, test := range map[string]func(*testing.T, user.Store){
		"Missing":      testMissing,
		"RoundTrip":    testRoundTrip,
		"Order":        testOrder,
		"Orders":       testOrders,
		"Pages":        testPages,
		"TiedPages":    testTiedPages,
		"OddPages":     testOddPages,
		"Counts":       testCounts,
		"CountCreated": testCountCreated,
		"CreatedSpan":  testCreatedSpan,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// noon is when the users of these tests are made.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC)

// person returns a user whose names and times follow from n: higher is newer.
func person(n int) user.User {
	return user.User{
		Username:  fmt.Sprintf("user%d", n),
		Email:     fmt.Sprintf("user%d@example.com", n),
		FirstName: form.TextOf("First"),
		IsActive:  n%3 != 0,
		CreatedAt: noon.Add(time.Duration(n) * time.Second),
		UpdatedAt: noon.Add(time.Duration(n) * time.Second),
	}
}

// insert stores u and returns it with its id.
func insert(t *testing.T, s user.Store, u user.User) user.User {
	t.Helper()
	err := s.InTx(t.Context(), func(tx user.Tx) (err error) {
		u, err = tx.InsertUser(u)
		return err
	})
	if err != nil {
		t.Fatalf("inserting %s: %v", u.Username, err)
	}
	return u
}

// insertMany stores the persons 1 to n in one transaction, in that order.
func insertMany(t *testing.T, s user.Store, n int) []user.User {
	t.Helper()
	users := make([]user.User, n)
	for i := range users {
		users[i] = person(i + 1)
	}
	insertAll(t, s, users)
	return users
}

// insertAll stores users in one transaction and gives them their ids.
func insertAll(t *testing.T, s user.Store, users []user.User) {
	t.Helper()
	err := s.InTx(t.Context(), func(tx user.Tx) (err error) {
		for i := range users {
			if users[i], err = tx.InsertUser(users[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("inserting %d users: %v", len(users), err)
	}
}

// list returns a page.
func list(t *testing.T, s user.Store, offset int64, limit int) []user.User {
	t.Helper()
	users, err := s.ListUsers(t.Context(), user.Query{}, offset, limit)
	if err != nil {
		t.Fatalf("ListUsers(%d, %d): %v", offset, limit, err)
	}
	return users
}

// wantCounts checks both counts.
func wantCounts(t *testing.T, s user.Store, total, active int64) {
	t.Helper()
	if got, err := s.CountUsers(t.Context(), user.Query{}); err != nil || got != total {
		t.Errorf("CountUsers: got %d, %v; want %d", got, err, total)
	}
	if got, err := s.CountActiveUsers(t.Context()); err != nil || got != active {
		t.Errorf("CountActiveUsers: got %d, %v; want %d", got, err, active)
	}
}

// wantKind checks the kind of an error.
func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("got error %v of kind %d, want kind %d", err, fault.KindOf(err), want)
	}
}
