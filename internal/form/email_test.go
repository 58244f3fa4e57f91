package form_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"roster/internal/form"
)

func TestValidEmail_AsDjango(t *testing.T) {
	t.Parallel()
	for _, a := range readAnswers[bool](t, "email.jsonl") {
		if got := form.ValidEmail(a.input); got != a.want {
			t.Errorf("ValidEmail(%+q): got %v, want %v", a.input, got, a.want)
		}
	}
}

func TestValidEmail_Accepts(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"simple@example.com", "a.b.c.d@x.y.z.example", "!#$%&'*+-/=?^_`{|}~@example.com", "1@1.com",
		"user@localhost", "user@localhost.localdomain", "user@ex--ample.com", "user@example.-com", "user@example.11",
		"user@xn--bcher-kva.example", "user@xn--a.com", "UPPER@EXAMPLE.COM",
		`""@example.com`, `"with@at"@example.com`, `"esc\"aped"@example.com`, `"back\\slash"@example.com`,
		`"\ "@example.com`, "\"\\\t\"@example.com", "\"\x01\x7f\"@example.com",
		"user@[127.0.0.1]", "user@[::1]", "user@[2001:db8::ff00:42:8329]", "user@[::ffff:1.2.3.4]", "user@[::FFFF]",
		"user@[１２７.0.0.1]",
		"user@bücher.example", "user@例え.テスト", "user@ex😀mple.com", "user@example。com", "user@example.com\u200b",
		"user@straße.de", "user@ＥＸＡＭＰＬＥ.com", "user@example.١٢", "user@a\u00adb.com", "user@example\u2024com",
		"İuser@example.com", "ıuser@example.com", "ſuser@example.com", "\u212Auser@example.com", "\"\u212A\"@example.com",
		strings.Repeat("l", 300) + "@example.com",
		"user@" + strings.Repeat("d", 63) + ".com", "user@example." + strings.Repeat("t", 63),
		"user@" + strings.Repeat("ı", 63) + ".com",
		strings.Repeat("a", 308) + "@example.com",
	} {
		if !form.ValidEmail(address) {
			t.Errorf("ValidEmail(%+q): got false, want true", address)
		}
	}
}

func TestValidEmail_Refuses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "plain", "@", "user@", "@example.com", "user@@example.com", "user@exa mple.com", "user@example", "user@LOCALHOST",
		".user@example.com", "user.@example.com", "us..er@example.com", "us er@example.com", "us\ter@example.com", "é@example.com",
		"user@example..com", "user@.example.com", "user@example.com.", "user@example.com。", "user@-example.com",
		"user@example-.com", "user@example.com-", "user@example.c", "user@exam_ple.com", "user@exam\nple.com",
		"user@example.com\n", "User <user@example.com>", "user;name@example.com", `user\@example.com`,
		`"unclosed@example.com`, `"@example.com`, `"a\"@example.com`, `"with space"@example.com`, "\"tab\there\"@example.com",
		"\"new\nline\"@example.com", "\"\\\n\"@example.com", "\"\x00\"@example.com", `a."b".c@example.com`, `"é"@example.com`, `"\é"@example.com`,
		"user@127.0.0.1", "user@[127.0.0.1", "user@[]", "user@[01.2.3.4]", "user@[1.2.3]", "user@[IPv6:::1]", "user@[2001:db8::g]",
		"user@[fe80::1%eth0]", "user@[1:2:3:4:5:6:7:8:9]", "user@[0000:0000:0000:0000:0000:ffff:127.0.0.100]",
		"user@xn--ü.example", "user@أaأ.example", "user@\u00ad.com", "user@a\u00a0b.com",
		"us\xed\xa0\x80er@example.com", "user@\xed\xa0\x80.com", "user@\xff.com", "user@é",
		"user@" + strings.Repeat("d", 64) + ".com", "user@example." + strings.Repeat("t", 64),
		"user@" + strings.Repeat("é", 62) + ".com",
		strings.Repeat("a", 309) + "@example.com",
	} {
		if form.ValidEmail(address) {
			t.Errorf("ValidEmail(%+q): got true, want false", address)
		}
	}
}

// FuzzValidEmail checks that what is accepted has the shape of an address, and
// is accepted again as it is stored. The letter İ is the exception: its lower
// case is i with a combining dot, which no local part may hold.
func FuzzValidEmail(f *testing.F) {
	for _, seed := range []string{
		"user@example.com", `"a\"b"@[::1]`, "user@bücher.example", "ſ@\u212A.com", "user@\u2024.com", "user@ΑΣ.Σ", "user@\xed\xa0\x80",
		"user@أ.example", "user@Ǆ\u0345.example", "user@\u13a0.example", "user@localhost",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if !form.ValidEmail(address) {
			return
		}
		at := strings.LastIndexByte(address, '@')
		if at < 1 || !utf8.ValidString(address) || utf8.RuneCountInString(address) > 320 {
			t.Fatalf("%+q was accepted", address)
		}
		local, domain := address[:at], address[at+1:]
		if strings.ContainsAny(local, "\x00\r\n") || local[0] != '"' && strings.ContainsAny(local, " \t\"\\@\x7f") {
			t.Errorf("the local part of %+q was accepted", address)
		}
		if strings.ContainsFunc(domain, func(r rune) bool { return r <= ' ' || r == 0x7F || r == '@' || r == '_' }) {
			t.Errorf("the domain of %+q was accepted", address)
		}
		if stored := form.Lower(address); !strings.Contains(address, "İ") && !form.ValidEmail(stored) {
			t.Errorf("%+q was accepted, but not %+q", address, stored)
		}
	})
}

func BenchmarkValidEmail(b *testing.B) {
	for name, address := range map[string]string{
		"ascii": "ada.lovelace@example.com", "quoted": `"ada lovelace"@example.com`, "idn": "ada@bücher.example",
		"long": strings.Repeat("a.", 150) + "@example.com", "long idn": "a@" + strings.Repeat("한국어.", 79),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				form.ValidEmail(address)
			}
		})
	}
}
