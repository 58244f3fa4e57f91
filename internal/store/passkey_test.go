package store_test

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"roster/internal/auth"
	"roster/internal/auth/passkey"
	"roster/internal/fault"
	"roster/internal/store"
)

// testPasskeys stores passkeys with the longest values, finds them by credential
// and account, and deletes them with their account.
func testPasskeys(t *testing.T, s *store.Store) {
	ann, bob := addAccount(t, s, member("ann")), addAccount(t, s, member("bob"))
	long := auth.Passkey{
		ID: 1, Account: ann.ID, Site: strings.Repeat("x", 255), Name: strings.Repeat("é😀", 50), CreatedAt: noon,
		Credential: passkey.Credential{
			ID: bytes.Repeat([]byte{0xff}, 1023), PublicKey: bytes.Repeat([]byte{0xfe}, 2048), Handle: bytes.Repeat([]byte{1}, 64), AAGUID: make([]byte, 16),
			Flags: 0xff, SignCount: math.MaxUint32, Transports: []string{"usb", "nfc", "ble", "smart-card", "hybrid", "internal"},
		},
	}
	short := auth.Passkey{
		ID: 2, Account: ann.ID, Site: "localhost", Name: "p", CreatedAt: noon, UsedAt: noon.Add(time.Hour),
		Credential: passkey.Credential{ID: []byte{0}, PublicKey: []byte{1}, Handle: []byte{2}, AAGUID: []byte{}},
	}
	inTx(t, s, func(tx auth.Tx) error {
		for _, k := range []auth.Passkey{long, short} {
			if err := tx.InsertPasskey(k); err != nil {
				return err
			}
		}
		return tx.InsertSession("x", session(ann.ID, noon))
	})
	if in, err := s.FindSession(t.Context(), "x"); err != nil || !in.HasFactor || in.HasApp {
		t.Errorf("got %+v, %v, want a factor that is no app", in, err)
	}
	short.Name, short.UsedAt, short.Credential.Flags, short.Credential.SignCount = "q", noon.Add(2*time.Hour), 5, 7
	inTx(t, s, func(tx auth.Tx) error {
		_, err := tx.FindPasskey([]byte{9})
		wantKind(t, err, fault.NotFound)
		return tx.UpdatePasskey(short)
	})
	for _, want := range []auth.Passkey{long, short} {
		got, err := s.FindPasskey(t.Context(), want.Credential.ID)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	if got, err := s.ListPasskeys(t.Context(), ann.ID); err != nil || !reflect.DeepEqual(got, []auth.Passkey{long, short}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := s.ListPasskeys(t.Context(), bob.ID); err != nil || len(got) != 0 {
		t.Errorf("of another account: got %+v, %v", got, err)
	}
	err := s.InAuthTx(t.Context(), func(tx auth.Tx) error { return tx.InsertPasskey(long) })
	wantKind(t, err, fault.Conflict)
	inTx(t, s, func(tx auth.Tx) error { return tx.DeletePasskey(1) })
	_, err = s.FindPasskey(t.Context(), long.Credential.ID)
	wantKind(t, err, fault.NotFound)
	inTx(t, s, func(tx auth.Tx) error { return tx.DeleteAccount(ann.ID) })
	_, err = s.FindPasskey(t.Context(), short.Credential.ID)
	wantKind(t, err, fault.NotFound)
}
