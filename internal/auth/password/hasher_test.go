package password_test

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"roster/internal/auth/password"
	"roster/internal/secret"
)

// vector is a password and its hash, made by Django 4.2.
type vector struct{ password, encoded string }

// djangoHashes are the lines of testdata/hashes.jsonl, which testdata/make_hashes.py makes.
func djangoHashes(tb testing.TB) (vectors []vector) {
	tb.Helper()
	file, err := os.Open("testdata/hashes.jsonl")
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &[2]any{&v.password, &v.encoded}); err != nil {
			tb.Fatalf("%s: %v", lines.Text(), err)
		}
		vectors = append(vectors, v)
	}
	if len(vectors) == 0 {
		tb.Fatal("no hashes")
	}
	return vectors
}

// staffHashes are rows of the table auth_user of a system on Django 4.2.
var staffHashes = []vector{
	{"Corr3ct-horse-staple", "pbkdf2_sha256$600000$7yeZzpqJP8waZ1gp4DvZNj$c9qbTCTr6XZBColkoYBmw3AorOU/SxMp9u4/AxIGZ1k="},
	{"Hash3d-battery-staple", "pbkdf2_sha1$600000$SgdfN3lJe9E7y4KecZFFo5$QzYm5K0G/PhLN9oSLYNvJO7FQz0="},
	{"Hash3d-battery-staple", "scrypt$16384$es4xBu0gXPegZWAcn5JMQO$8$1$QZ/oGDo1tkwzkJLazShjIhwS3q/C9uokftNamh9aK9Rop398OYDdKLoSbtONVCBwqTAeL4FGL2NUeAwKHQ+IrQ=="},
}

func TestVerify_DjangoHashes(t *testing.T) {
	t.Parallel()
	h := password.NewHasher(password.Argon2)
	for _, v := range append(djangoHashes(t), staffHashes...) {
		ok, outdated, err := h.Verify(v.encoded, secret.New(v.password))
		if !ok || !outdated || err != nil {
			t.Errorf("%q with %s: got %t, outdated %t, %v, want it right and outdated", v.password, v.encoded, ok, outdated, err)
		}
	}
}

func TestVerify_WrongPassword(t *testing.T) {
	t.Parallel()
	h := password.NewHasher(password.Argon2)
	for _, v := range djangoHashes(t)[:10] {
		for _, wrong := range []string{v.password + "x", "X" + v.password, strings.ToUpper(v.password) + " "} {
			ok, outdated, err := h.Verify(v.encoded, secret.New(wrong))
			if ok || outdated || err != nil {
				t.Errorf("%q with %s: got %t, outdated %t, %v, want it wrong", wrong, v.encoded, ok, outdated, err)
			}
		}
	}
}

func TestHash_RoundTrip(t *testing.T) {
	t.Parallel()
	tests := []struct {
		algorithm, other password.Algorithm
		prefix           string
	}{
		{password.Argon2, password.PBKDF2SHA256, "argon2$argon2id$v=19$m=19456,t=2,p=1$"},
		{password.PBKDF2SHA256, password.Argon2, "pbkdf2_sha256$600000$"},
	}
	for _, tt := range tests {
		t.Run(string(tt.algorithm), func(t *testing.T) {
			t.Parallel()
			h := password.NewHasher(tt.algorithm)
			encoded, err := h.Hash(secret.New("Corr3ct-horse"))
			if err != nil || !strings.HasPrefix(encoded, tt.prefix) || len(encoded) > 128 {
				t.Fatalf("got %s, %v, want at most 128 bytes that begin with %s", encoded, err, tt.prefix)
			}
			if ok, outdated, err := h.Verify(encoded, secret.New("Corr3ct-horse")); !ok || outdated || err != nil {
				t.Errorf("got %t, outdated %t, %v, want it right and up to date", ok, outdated, err)
			}
			if ok, outdated, err := password.NewHasher(tt.other).Verify(encoded, secret.New("Corr3ct-horse")); !ok || !outdated || err != nil {
				t.Errorf("the other algorithm configured: got %t, outdated %t, %v, want it right and outdated", ok, outdated, err)
			}
			if again, _ := h.Hash(secret.New("Corr3ct-horse")); again == encoded {
				t.Errorf("got the same hash twice, want another salt")
			}
		})
	}
}

// TestVerify_Outdated shows each way in which a hash differs from the configured one.
func TestVerify_Outdated(t *testing.T) {
	t.Parallel()
	h := password.NewHasher(password.PBKDF2SHA256)
	tests := []struct {
		name, encoded string
		want          bool
	}{
		{"as configured", "pbkdf2_sha256$600000$l0idbcSVAaf4vHgfiM06Wk$hbDd0e6uceQNEF0G08T8HcG6k9hn+e7N1FuBX5fJlAM=", false},
		{"fewer iterations, short salt", "pbkdf2_sha256$1$seasalt$mJQ8D8xVBAKQGCo0t0n+NSPS2a0gQhVtjuC9LdL9WiM=", true},
		{"digest", "pbkdf2_sha1$600000$r47DudAw08vYQCN0PXoIE2$Ay0Km47XpKUv896wc0OBLL32fuw=", true},
		{"algorithm", "scrypt$32$a2pjXOrRVfzDmqv9I0FHGs$4$3$QdwW1+fgyvMe841ShW/SagxYODSX/Yso8hCleZDacpfKnDCHcdzneyYAFs35S82rPJ9Uo3pSmAF71QH2VSKv1g==", true},
	}
	for _, tt := range tests {
		ok, outdated, err := h.Verify(tt.encoded, secret.New("lètmein"))
		if !ok || outdated != tt.want || err != nil {
			t.Errorf("%s: got %t, outdated %t, %v, want right, outdated %t", tt.name, ok, outdated, err, tt.want)
		}
	}
}

func TestVerify_Unusable(t *testing.T) {
	t.Parallel()
	h := password.NewHasher(password.Argon2)
	for _, encoded := range []string{"", "!", "!TEwE5xGVvy0Z1z9n444OUcfSjV0mdyTw16VDu5PH"} {
		for _, text := range []string{"", "!", encoded} {
			if ok, _, err := h.Verify(encoded, secret.New(text)); ok || err != nil {
				t.Errorf("%q with %q: got %t, %v, want no password to match, without an error", encoded, text, ok, err)
			}
		}
	}
}

// TestVerify_EqualWork: what has no hash to verify costs what a hash would.
func TestVerify_EqualWork(t *testing.T) {
	t.Parallel()
	for name, encoded := range map[string]string{"unknown name": "", "unusable": "!x", "unreadable": "argon2$x", "unknown algorithm": "sha1$a$b"} {
		var derived atomic.Int64
		_, _, _ = password.NewCountingHasher(&derived).Verify(encoded, secret.New("x"))
		if got := derived.Load(); got != 1 {
			t.Errorf("%s: got %d keys derived, want 1", name, got)
		}
	}
}

func TestParseAlgorithm(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{"argon2": true, "pbkdf2_sha256": true, "weak": false, "scrypt": false, "Argon2": false, "": false} {
		got, err := password.ParseAlgorithm(name)
		if (err == nil) != ok || ok && string(got) != name {
			t.Errorf("%q: got %q, %v", name, got, err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, v := range djangoHashes(b)[len(djangoHashes(b))-5:] {
		algorithm, _, _ := strings.Cut(v.encoded, "$")
		b.Run("django_"+algorithm, func(b *testing.B) { benchmarkVerify(b, v.encoded) })
	}
	for _, a := range []password.Algorithm{password.Argon2, password.PBKDF2SHA256} {
		encoded, err := password.NewHasher(a).Hash(secret.New("lètmein"))
		if err != nil {
			b.Fatal(err)
		}
		b.Run("ours_"+string(a), func(b *testing.B) { benchmarkVerify(b, encoded) })
	}
	b.Run("unknown_name", func(b *testing.B) { benchmarkVerify(b, "") })
}

func benchmarkVerify(b *testing.B, encoded string) {
	b.Helper()
	h := password.NewHasher(password.Argon2)
	for b.Loop() {
		if ok, _, err := h.Verify(encoded, secret.New("lètmein")); err != nil || ok == (encoded == "") {
			b.Fatalf("got %t, %v", ok, err)
		}
	}
}
