package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestIdentities(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		for name, test := range map[string]func(*testing.T, *store.Store){
			"Rows": testIdentityRows, "Groups": testIdentityGroups, "Sessions": testIdentitySessions, "TakenEmail": testTakenEmail,
		} {
			t.Run(engine+"/"+name, func(t *testing.T) {
				t.Parallel()
				test(t, open(t))
			})
		}
	}
}

// identity is one of an account with the widest values.
func identity(account int64) auth.Identity {
	return auth.Identity{
		Account: account, Issuer: "https://" + strings.Repeat("i", 247), Subject: strings.Repeat("Ä", 127), Email: strings.Repeat("é", 242) + "@example.com",
		CreatedAt: noon,
	}
}

func addIdentity(t *testing.T, s *store.Store, i auth.Identity) auth.Identity {
	t.Helper()
	inTx(t, s, func(tx auth.Tx) (err error) {
		i.ID, err = tx.InsertIdentity(i)
		return err
	})
	return i
}

func testIdentityRows(t *testing.T, s *store.Store) {
	ann := addAccount(t, s, member("ann"))
	first := addIdentity(t, s, identity(ann.ID))
	other := first
	other.Subject = strings.ToLower(first.Subject)
	other = addIdentity(t, s, other)
	first.UsedAt, first.Email = noon, "ann@example.com"
	inTx(t, s, func(tx auth.Tx) error {
		if err := tx.UpdateIdentity(first); err != nil {
			return err
		}
		for _, want := range []auth.Identity{first, other} {
			got, err := tx.FindIdentity(want.Issuer, want.Subject)
			byID, err2 := tx.FindIdentityByID(want.ID)
			if got != want || byID != want || err != nil || err2 != nil {
				t.Errorf("got %+v and %+v, %v %v, want %+v", got, byID, err, err2, want)
			}
		}
		if found, err := tx.ListIdentities(ann.ID); len(found) != 2 || err != nil {
			t.Errorf("got %d identities, %v", len(found), err)
		}
		return nil
	})
	if got, err := s.ListIdentities(t.Context(), ann.ID); err != nil || cmp.Diff([]auth.Identity{first, other}, got) != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	err := s.InAuthTx(t.Context(), func(tx auth.Tx) error {
		_, err := tx.InsertIdentity(first)
		return err
	})
	if fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second identity of a person: got %v", err)
	}
	inTx(t, s, func(tx auth.Tx) error { return tx.DeleteAccount(ann.ID) })
	err = s.InAuthTx(t.Context(), func(tx auth.Tx) error {
		_, err := tx.FindIdentity(first.Issuer, first.Subject)
		return err
	})
	if fault.KindOf(err) != fault.NotFound {
		t.Errorf("of a deleted account: got %v", err)
	}
}

func testIdentityGroups(t *testing.T, s *store.Store) {
	i := addIdentity(t, s, identity(addAccount(t, s, member("ann")).ID))
	inTx(t, s, func(tx auth.Tx) error {
		var ids []int64
		for _, name := range []string{"Editors", "Viewers"} {
			id, err := tx.InsertGroup(auth.Group{Name: name})
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		found, err := tx.FindGroupsNamed([]string{"Editors", "editors", "Éditors", "VIEWERS", "none"})
		if err != nil || len(found) != 1 || found[0].Name != "Editors" {
			t.Errorf("got %+v, %v", found, err)
		}
		if found, err := tx.FindGroupsNamed(nil); err != nil || len(found) != 0 {
			t.Errorf("of no names: got %+v, %v", found, err)
		}
		for _, want := range [][]int64{ids, ids[:1], nil, ids} {
			if err := tx.SetIdentityGroups(i.ID, want); err != nil {
				return err
			}
			if got, err := tx.IdentityGroups(i.ID); err != nil || !slices.Equal(got, want) {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
		}
		if err := tx.DeleteGroup(ids[0]); err != nil {
			return err
		}
		if got, err := tx.IdentityGroups(i.ID); err != nil || !slices.Equal(got, ids[1:]) {
			t.Errorf("of a deleted group: got %v, %v", got, err)
		}
		return tx.DeleteIdentity(i.ID)
	})
}

// testIdentitySessions shows that an identity takes the sessions with it that it
// began, and no others.
func testIdentitySessions(t *testing.T, s *store.Store) {
	ann := addAccount(t, s, member("ann"))
	i := addIdentity(t, s, identity(ann.ID))
	began := auth.Session{Account: ann.ID, Identity: i.ID, MFA: true, CreatedAt: noon, SeenAt: noon, EndsAt: noon.AddDate(0, 0, 1), ConfirmedAt: noon}
	other := began
	other.Identity, other.MFA = 0, false
	inTx(t, s, func(tx auth.Tx) error {
		for digest, session := range map[string]auth.Session{"began": began, "other": other} {
			if err := tx.InsertSession(digest, session); err != nil {
				return err
			}
		}
		got, err := tx.FindSession("began")
		if got.ID = 0; err != nil || got != began {
			t.Errorf("got %+v, %v", got, err)
		}
		return tx.DeleteIdentity(i.ID)
	})
	if left, err := s.ListSessions(t.Context(), ann.ID, noon); err != nil || len(left) != 1 || left[0].Identity != 0 || left[0].MFA {
		t.Errorf("got %+v, %v", left, err)
	}
}

func testTakenEmail(t *testing.T, s *store.Store) {
	a := member("ann")
	a.Email = "Ann@example.com"
	addAccount(t, s, a)
	for email, want := range map[string]bool{"ann@example.com": true, "ANN@EXAMPLE.COM": true, "ann@example.org": false, "": false} {
		inTx(t, s, func(tx auth.Tx) error {
			if taken, err := tx.TakenEmail(email); err != nil || taken != want {
				t.Errorf("%q: got %v, %v", email, taken, err)
			}
			return nil
		})
	}
}
