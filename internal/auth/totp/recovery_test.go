package totp_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"roster/internal/auth/totp"
)

func TestRecoveryCodes_EachOnce(t *testing.T) {
	t.Parallel()
	codes, left := totp.NewRecoveryCodes()
	if len(codes) != 10 || len(left) != 10 {
		t.Fatalf("got %d codes and %d digests, want 10", len(codes), len(left))
	}
	form := regexp.MustCompile(`^([a-z2-7]{4}-){3}[a-z2-7]{4}$`)
	for i, code := range codes {
		if !form.MatchString(code.Reveal()) || slices.Contains(left, code.Reveal()) {
			t.Errorf("code %d is of another form, or stored as it is", i)
		}
		var ok bool
		if left, ok = totp.Redeem(code.Reveal(), left); !ok || len(left) != 9-i {
			t.Fatalf("code %d: got %t with %d left, want it accepted and %d left", i, ok, len(left), 9-i)
		}
		if again, ok := totp.Redeem(code.Reveal(), left); ok || len(again) != len(left) {
			t.Errorf("code %d: got it accepted twice", i)
		}
	}
}

func TestRedeem_Form(t *testing.T) {
	t.Parallel()
	codes, digests := totp.NewRecoveryCodes()
	code := codes[3].Reveal()
	for text, want := range map[string]bool{
		strings.ToUpper(code): true, strings.ReplaceAll(code, "-", ""): true, " " + strings.ReplaceAll(code, "-", " "): true,
		"": false, code[1:]: false, code + "a": false, digests[3]: false,
	} {
		left, ok := totp.Redeem(text, digests)
		if ok != want || ok == slices.Contains(left, digests[3]) || len(digests) != 10 {
			t.Errorf("%q: got %t with %d left, want %t", text, ok, len(left), want)
		}
	}
}

func TestNewRecoveryCodes_Others(t *testing.T) {
	t.Parallel()
	_, digests := totp.NewRecoveryCodes()
	others, _ := totp.NewRecoveryCodes()
	for _, code := range others {
		if _, ok := totp.Redeem(code.Reveal(), digests); ok {
			t.Error("got a code of another account accepted")
		}
	}
}
