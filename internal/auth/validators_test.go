package auth_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"roster/internal/auth"
	"roster/internal/secret"
)

// TestCheck_AsDjango compares with the answers of Django 4.2's validators,
// which testdata/make_weaknesses.py collects.
func TestCheck_AsDjango(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/weaknesses.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	validators := map[int]*auth.Validators{}
	lines, n := bufio.NewScanner(file), 0
	for ; lines.Scan(); n++ {
		var password string
		var about auth.Attributes
		var least int
		var answers [][2]string
		line := []any{&password, &about.Username, &about.FirstName, &about.LastName, &about.Email, &least, &answers}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		if validators[least] == nil {
			validators[least] = auth.NewValidators(least)
		}
		var want []auth.Weakness
		for _, a := range answers {
			want = append(want, auth.Weakness{Code: a[0], Message: a[1]})
		}
		if diff := cmp.Diff(want, validators[least].Check(secret.New(password), about)); diff != "" {
			t.Errorf("%s:\n%s", lines.Text(), diff)
		}
	}
	if n < 500 {
		t.Errorf("got %d answers, want all of them", n)
	}
}

func TestCheck_AllAtOnce(t *testing.T) {
	t.Parallel()
	got := auth.NewValidators(auth.DefaultMinLength).Check(secret.New("123456"), auth.Attributes{Username: "1234567"})
	var codes []string
	for _, w := range got {
		codes = append(codes, w.Code)
	}
	want := []string{"password_too_similar", "password_too_short", "password_too_common", "password_entirely_numeric"}
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Error(diff)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	want := []string{
		"Your password can’t be too similar to your other personal information.",
		"Your password must contain at least 12 characters.",
		"Your password can’t be a commonly used password.",
		"Your password can’t be entirely numeric.",
	}
	if diff := cmp.Diff(want, auth.NewValidators(12).Help()); diff != "" {
		t.Error(diff)
	}
	if got := auth.NewValidators(1).Help()[1]; got != "Your password must contain at least 1 character." {
		t.Errorf("got %q", got)
	}
}

// TestCommonPasswords_Whole shows that the list is Django's, and that each line of it is refused.
func TestCommonPasswords_Whole(t *testing.T) {
	t.Parallel()
	packed, err := os.ReadFile("common-passwords.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(packed)
	if note, err := os.ReadFile("common-passwords.md"); err != nil || !strings.Contains(string(note), hex.EncodeToString(sum[:])) {
		t.Errorf("common-passwords.md does not name the sum %x (%v)", sum, err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	validators, lines, n := auth.NewValidators(1), bufio.NewScanner(unpacked), 0
	for ; lines.Scan(); n++ {
		got := validators.Check(secret.New("  "+strings.ToUpper(lines.Text())+"\n"), auth.Attributes{})
		if !slices.ContainsFunc(got, func(w auth.Weakness) bool { return w.Code == "password_too_common" }) {
			t.Errorf("%q: got %v, want it too common", lines.Text(), got)
		}
	}
	if n != 20_000 {
		t.Errorf("got %d passwords, want 20,000", n)
	}
}

// FuzzCheck: the rules take any bytes, none of them panics, and what is said
// of the length is true.
func FuzzCheck(f *testing.F) {
	f.Add("password", "jdoe", "John", "Doe", "john@example.com")
	f.Add("\xff\xfe", "\xed\xa0\x80", "İ", "ς", "@")
	f.Add("", "", "!", "½", "a@b")
	validators := auth.NewValidators(8)
	f.Fuzz(func(t *testing.T, password, username, first, last, email string) {
		if len(password)+len(username)+len(first)+len(last)+len(email) > 2000 {
			return // attributes are short, where they come from a database
		}
		got := validators.Check(secret.New(password), auth.Attributes{Username: username, FirstName: first, LastName: last, Email: email})
		short := slices.ContainsFunc(got, func(w auth.Weakness) bool { return w.Code == "password_too_short" })
		if want := utf8.RuneCountInString(password) < 8; short != want {
			t.Errorf("%q: too short is %t, want %t", password, short, want)
		}
		if again := validators.Check(secret.New(password), auth.Attributes{Username: password}); password != "" && !slices.ContainsFunc(again,
			func(w auth.Weakness) bool { return w.Code == "password_too_similar" }) {
			t.Errorf("%q is not similar to itself", password)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	validators := auth.NewValidators(12)
	about := auth.Attributes{Username: "jdoe", FirstName: "John", LastName: "Doe", Email: "john.doe@example.com"}
	for b.Loop() {
		validators.Check(secret.New("Corr3ct-horse-staple"), about)
	}
}
