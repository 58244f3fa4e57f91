package store_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/query"
	"roster/internal/secret"
	"roster/internal/store"
)

// runStaff runs the suite that every store of staff accounts must pass. open
// returns a store without accounts that is closed when the test ends.
func runStaff(t *testing.T, open func(testing.TB) *store.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, *store.Store){
		"Accounts":        testAccounts,
		"AccountsMissing": testAccountsMissing,
		"AccountsList":    testAccountsList,
		"Holdings":        testHoldings,
		"DeleteAccount":   testDeleteAccount,
		"Superusers":      testSuperusers,
		"Groups":          testGroups,
		"Permissions":     testPermissions,
		"Sessions":        testSessions,
		"Barred":          testBarred,
		"Factors":         testFactors,
		"FactorAccounts":  testFactorAccounts,
		"Passkeys":        testPasskeys,
		"Counters":        testCounters,
		"CountersRead":    testCountersRead,
		"CountersStorm":   testCountersStorm,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// member returns a staff account of that name.
func member(name string) auth.Account {
	return auth.Account{
		Username: name, Password: secret.New("!hash of " + name), Email: name + "@example.com", FirstName: "É 😀", LastName: "L",
		IsActive: true, IsStaff: true, DateJoined: noon,
	}
}

// shownAs is an account whose parts can be compared.
func shownAs(a auth.Account) [2]any {
	hash := a.Password.Reveal()
	a.Password = secret.Text{}
	return [2]any{a, hash}
}

func inTx(t *testing.T, s auth.Store, fn func(auth.Tx) error) {
	t.Helper()
	if err := s.InAuthTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func addAccount(t *testing.T, s auth.Store, a auth.Account) auth.Account {
	t.Helper()
	inTx(t, s, func(tx auth.Tx) (err error) {
		a.ID, err = tx.InsertAccount(a)
		return err
	})
	return a
}

func addGroup(t *testing.T, s auth.Store, name string, permissions ...access.Permission) auth.Group {
	t.Helper()
	g := auth.Group{Name: name, Permissions: permissions}
	inTx(t, s, func(tx auth.Tx) (err error) {
		if g.ID, err = tx.InsertGroup(g); err != nil {
			return err
		}
		return tx.SetGroupPermissions(g.ID, permissions)
	})
	return g
}

// testAccounts shows that every field comes back as it was stored.
func testAccounts(t *testing.T, s *store.Store) {
	want := addAccount(t, s, member("zoë"))
	for range 2 {
		got, held, err := s.FindAccount(t.Context(), want.ID)
		if err != nil || shownAs(got) != shownAs(want) || len(held.Held()) != 0 {
			t.Errorf("got %+v, %+v, %v, want %+v", got, held, err, want)
		}
		if named, err := s.FindAccountNamed(t.Context(), want.Username); err != nil || shownAs(named) != shownAs(want) {
			t.Errorf("by name: got %+v, %v, want %+v", named, err, want)
		}
		want = auth.Account{
			ID: want.ID, Username: "other", Password: secret.New("x"), LastName: "y", IsSuperuser: true,
			LastLogin: noon.Add(time.Microsecond), DateJoined: noon.Truncate(time.Second),
		}
		inTx(t, s, func(tx auth.Tx) error { return tx.UpdateAccount(want) })
	}
	err := s.InAuthTx(t.Context(), func(tx auth.Tx) error {
		_, err := tx.InsertAccount(member("other"))
		return err
	})
	wantKind(t, err, fault.Conflict)
}

func testAccountsMissing(t *testing.T, s *store.Store) {
	addAccount(t, s, member("zoe"))
	_, _, err := s.FindAccount(t.Context(), 99)
	wantKind(t, err, fault.NotFound)
	for _, name := range []string{"", "Zoe", "zoé", "zoe "} {
		_, err := s.FindAccountNamed(t.Context(), name)
		wantKind(t, err, fault.NotFound)
	}
	err = s.InAuthTx(t.Context(), func(tx auth.Tx) error {
		_, _, err := tx.FindAccount(99)
		return err
	})
	wantKind(t, err, fault.NotFound)
}

func testAccountsList(t *testing.T, s *store.Store) {
	boss := member("boss")
	boss.IsSuperuser = true
	gone := member("gone")
	gone.IsActive, gone.IsStaff, gone.Email = false, false, "100%@example.com"
	boss, gone, ann := addAccount(t, s, boss), addAccount(t, s, gone), addAccount(t, s, member("Ann"))
	g := addGroup(t, s, "editors")
	inTx(t, s, func(tx auth.Tx) error { return tx.SetGroups(gone.ID, []int64{g.ID}) })
	for _, tt := range []struct {
		q    auth.AccountQuery
		want []int64
	}{
		{auth.AccountQuery{}, []int64{ann.ID, boss.ID, gone.ID}},
		{auth.AccountQuery{Search: "BOSS"}, []int64{boss.ID}},
		{auth.AccountQuery{Search: "0%"}, []int64{gone.ID}},
		{auth.AccountQuery{Search: "_"}, nil},
		{auth.AccountQuery{IsActive: query.OnlyFalse}, []int64{gone.ID}},
		{auth.AccountQuery{IsStaff: query.OnlyTrue, IsSuperuser: query.OnlyFalse}, []int64{ann.ID}},
		{auth.AccountQuery{IsSuperuser: query.OnlyTrue}, []int64{boss.ID}},
		{auth.AccountQuery{Group: g.ID}, []int64{gone.ID}},
	} {
		found, err := s.ListAccounts(t.Context(), tt.q, -1, 10)
		var ids []int64
		for _, a := range found {
			ids = append(ids, a.ID)
		}
		n, countErr := s.CountAccounts(t.Context(), tt.q)
		if err != nil || countErr != nil || !slices.Equal(ids, tt.want) || n != int64(len(tt.want)) {
			t.Errorf("%+v: got %v, %d, %v %v, want %v", tt.q, ids, n, err, countErr, tt.want)
		}
	}
	if page, err := s.ListAccounts(t.Context(), auth.AccountQuery{}, 1, 1); err != nil || len(page) != 1 || page[0].ID != boss.ID {
		t.Errorf("the second: got %+v, %v", page, err)
	}
}

// testHoldings shows that an account holds what it was given, and no longer
// what was taken.
func testHoldings(t *testing.T, s *store.Store) {
	a := addAccount(t, s, member("ann"))
	editors := addGroup(t, s, "editors", access.ChangeUser, access.ViewUser)
	empty := addGroup(t, s, "empty")
	inTx(t, s, func(tx auth.Tx) error {
		if err := tx.SetPermissions(a.ID, []access.Permission{access.Accounts.View(), access.ViewUser, "no.such"}); err != nil {
			return err
		}
		return tx.SetGroups(a.ID, []int64{editors.ID, empty.ID})
	})
	_, held, err := s.FindAccount(t.Context(), a.ID)
	want := auth.Holdings{Permissions: []access.Permission{access.Accounts.View(), access.ViewUser}, Groups: []auth.Group{editors, empty}}
	if err != nil || !reflect.DeepEqual(held, want) {
		t.Errorf("got %+v, %v, want %+v", held, err, want)
	}
	inTx(t, s, func(tx auth.Tx) error {
		if err := tx.SetGroups(a.ID, []int64{empty.ID}); err != nil {
			return err
		}
		return tx.SetPermissions(a.ID, nil)
	})
	if _, held, err = s.FindAccount(t.Context(), a.ID); err != nil || len(held.Held()) != 0 || len(held.Groups) != 1 {
		t.Errorf("got %+v, %v, want an empty group", held, err)
	}
}

func testDeleteAccount(t *testing.T, s *store.Store) {
	a, b := addAccount(t, s, member("ann")), addAccount(t, s, member("bob"))
	g := addGroup(t, s, "editors", access.ViewUser)
	for _, account := range []auth.Account{a, b} {
		inTx(t, s, func(tx auth.Tx) error {
			if err := tx.SetGroups(account.ID, []int64{g.ID}); err != nil {
				return err
			}
			if err := tx.SetPermissions(account.ID, []access.Permission{access.AddUser}); err != nil {
				return err
			}
			return tx.InsertSession(account.Username, session(account.ID, noon))
		})
	}
	inTx(t, s, func(tx auth.Tx) error { return tx.DeleteAccount(b.ID) })
	_, _, err := s.FindAccount(t.Context(), b.ID)
	wantKind(t, err, fault.NotFound)
	_, err = s.FindSession(t.Context(), "bob")
	wantKind(t, err, fault.NotFound)
	if in, err := s.FindSession(t.Context(), "ann"); err != nil || !slices.Equal(in.Permissions, []access.Permission{access.AddUser, access.ViewUser}) {
		t.Errorf("the other: got %+v, %v", in, err)
	}
	if c := addAccount(t, s, member("bob")); c.ID <= b.ID {
		t.Errorf("got the id %d, that of a deleted account is %d", c.ID, b.ID)
	}
}

func testSuperusers(t *testing.T, s *store.Store) {
	one, two, off, out := member("one"), member("two"), member("off"), member("out")
	one.IsSuperuser, two.IsSuperuser, off.IsSuperuser, out.IsSuperuser = true, true, true, true
	one.IsStaff, two.IsStaff, off.IsStaff, out.IsStaff = true, true, true, false
	off.IsActive = false
	one, two = addAccount(t, s, one), addAccount(t, s, two)
	addAccount(t, s, off)
	addAccount(t, s, out)
	inTx(t, s, func(tx auth.Tx) error {
		for except, want := range map[int64]int64{one.ID: 1, two.ID: 1, 0: 2} {
			if got, err := tx.CountOtherSuperusers(except); err != nil || got != want {
				t.Errorf("beside %d: got %d, %v, want %d", except, got, err, want)
			}
		}
		return nil
	})
}

func testGroups(t *testing.T, s *store.Store) {
	z := addGroup(t, s, "Zed")
	a := addGroup(t, s, "äthér 😀", access.AddUser, access.ViewUser)
	inTx(t, s, func(tx auth.Tx) error {
		for _, tt := range []struct {
			name   string
			except int64
			want   bool
		}{{"Zed", 0, true}, {"Zed", z.ID, false}, {"zed", 0, false}, {"Zéd", 0, false}} {
			if got, err := tx.TakenGroupName(tt.name, tt.except); err != nil || got != tt.want {
				t.Errorf("%q: got %v, %v, want %v", tt.name, got, err, tt.want)
			}
		}
		found, err := tx.FindGroups([]int64{a.ID, 99, z.ID})
		if err != nil || !reflect.DeepEqual(found, []auth.Group{z, a}) {
			t.Errorf("got %+v, %v, want both", found, err)
		}
		z.Name = "Alpha"
		return tx.RenameGroup(z)
	})
	if all, err := s.ListGroups(t.Context()); err != nil || !reflect.DeepEqual(all, []auth.Group{z, a}) {
		t.Errorf("got %+v, %v, want both", all, err)
	}
	ann := addAccount(t, s, member("ann"))
	inTx(t, s, func(tx auth.Tx) error {
		if err := tx.SetGroups(ann.ID, []int64{a.ID}); err != nil {
			return err
		}
		return tx.DeleteGroup(a.ID)
	})
	_, err := s.FindGroup(t.Context(), a.ID)
	wantKind(t, err, fault.NotFound)
	if _, held, err := s.FindAccount(t.Context(), ann.ID); err != nil || len(held.Groups) != 0 {
		t.Errorf("a member: got %+v, %v", held, err)
	}
}

// testPermissions shows that the permissions are those of Django's migrations.
func testPermissions(t *testing.T, s *store.Store) {
	rows, err := s.ListPermissions(t.Context())
	want := auth.PermissionRow{Permission: "auth.add_group", Model: access.Groups, Name: "Can add group"}
	if err != nil || len(rows) != 53 || !slices.Contains(rows, want) {
		t.Errorf("got %d rows, %v, want 53 with %+v", len(rows), err, want)
	}
	inTx(t, s, func(tx auth.Tx) error {
		known, err := tx.KnownPermissions([]access.Permission{access.ViewUser, "no.such", "", access.AddUser})
		if err != nil || !slices.Equal(known, []access.Permission{access.AddUser, access.ViewUser}) {
			t.Errorf("got %v, %v, want the two that exist", known, err)
		}
		return nil
	})
}
