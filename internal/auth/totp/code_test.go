package totp_test

import (
	"testing"
	"time"

	"roster/internal/auth/totp"
)

// TestKey_Code_RFC6238 has the samples of appendix B for SHA-1, of which an
// app with six digits shows the last six.
func TestKey_Code_RFC6238(t *testing.T) {
	t.Parallel()
	key := totp.KeyOfAny("12345678901234567890")
	for second, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := key.Code(time.Unix(second, 0)); got != want {
			t.Errorf("at %d: got %s, want %s", second, got, want)
		}
	}
}

func TestKey_Verify_Window(t *testing.T) {
	t.Parallel()
	key, at := totp.NewKey(), time.Unix(1_800_000_000, 0)
	step := at.Unix() / 30
	for late, want := range map[time.Duration]bool{-61 * time.Second: false, -30 * time.Second: true, 0: true, 30 * time.Second: true, 60 * time.Second: false} {
		used, ok := key.Verify(key.Code(at), at.Add(late), 0)
		if ok != want || ok && used != step {
			t.Errorf("%v late: got period %d, %t, want %d, %t", late, used, ok, step, want)
		}
	}
}

func TestKey_Verify_Once(t *testing.T) {
	t.Parallel()
	key, at := totp.NewKey(), time.Unix(1_800_000_000, 0)
	before, now, after := key.Code(at.Add(-30*time.Second)), key.Code(at), key.Code(at.Add(30*time.Second))
	used, ok := key.Verify(now, at, 0)
	if !ok {
		t.Fatal("got a right code refused")
	}
	if _, ok := key.Verify(now, at.Add(29*time.Second), used); ok {
		t.Error("got a code accepted twice")
	}
	if _, ok := key.Verify(before, at, used); ok {
		t.Error("got an older code accepted after a newer one")
	}
	if next, ok := key.Verify(after, at, used); !ok || next != used+1 {
		t.Errorf("got period %d, %t, want the next one, %d", next, ok, used+1)
	}
}

func TestKey_Verify_Form(t *testing.T) {
	t.Parallel()
	key, at := totp.KeyOfAny("12345678901234567890"), time.Unix(1234567890, 0) // 005924
	for code, want := range map[string]bool{
		"005924": true, "005 924": true, " 005924 ": true,
		"": false, "5924": false, "0005924": false, "005925": false, "００５９２４": false, "+05924": false, "005924\x00": false,
	} {
		if _, ok := key.Verify(code, at, 0); ok != want {
			t.Errorf("%q: got %t, want %t", code, ok, want)
		}
	}
}

func TestKey_Verify_NoKey(t *testing.T) {
	t.Parallel()
	at := time.Unix(1234567890, 0)
	if _, ok := (totp.Key{}).Verify((totp.Key{}).Code(at), at, 0); ok {
		t.Error("got a code accepted without a key")
	}
}
