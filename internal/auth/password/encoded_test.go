package password_test

import (
	"strings"
	"testing"

	"roster/internal/auth/password"
)

const (
	argon2Tail = "$Q0dkcTh4TVNkRlQ0SXBGdGZjZ3dWYw$yRa3CKCPxSKQ9MNNZE6JCA"
	sha256Tail = "$seasalt$mJQ8D8xVBAKQGCo0t0n+NSPS2a0gQhVtjuC9LdL9WiM="
	scryptSum  = "QdwW1+fgyvMe841ShW/SagxYODSX/Yso8hCleZDacpfKnDCHcdzneyYAFs35S82rPJ9Uo3pSmAF71QH2VSKv1g=="
	bcryptTail = "$d.m7T3q3.LRCbz764JL4n.26sEVKpfozGeLazTI3wKVTzLPLfK5xS"
)

// TestParse_Refused lists hashes that are never computed: what is not of
// Django's form, and what would take the server's time or memory.
func TestParse_Refused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, encoded string }{
		{"no algorithm", "letmein"},
		{"unknown algorithm", "md5$salt$d41d8cd98f00b204e9800998ecf8427e"},
		{"algorithm alone", "argon2"},
		{"too long", "pbkdf2_sha256$1$" + strings.Repeat("s", 256) + "$mJQ8D8xVBAKQGCo0t0n+NSPS2a0gQhVtjuC9LdL9WiM="},

		{"pbkdf2: no iterations", "pbkdf2_sha256$0" + sha256Tail},
		{"pbkdf2: too many iterations", "pbkdf2_sha256$4000001" + sha256Tail},
		{"pbkdf2: negative", "pbkdf2_sha256$-1" + sha256Tail},
		{"pbkdf2: leading zero", "pbkdf2_sha256$01" + sha256Tail},
		{"pbkdf2: above 31 bits", "pbkdf2_sha256$4294967297" + sha256Tail},
		{"pbkdf2: no salt", "pbkdf2_sha256$1$$mJQ8D8xVBAKQGCo0t0n+NSPS2a0gQhVtjuC9LdL9WiM="},
		{"pbkdf2: no sum", "pbkdf2_sha256$1$seasalt$"},
		{"pbkdf2: cut sum", "pbkdf2_sha256$1$seasalt$mJQ8D8xVBAKQGCo0t0n+NSPS2a0gQhVtjuC9LdL9"},
		{"pbkdf2: further part", "pbkdf2_sha256$1" + sha256Tail + "$"},
		{"pbkdf2: line break in the sum", "pbkdf2_sha256$1" + sha256Tail + "\n"},

		{"argon2: over a GiB", "argon2$argon2id$v=19$m=1048577,t=2,p=1" + argon2Tail},
		{"argon2: 17 passes", "argon2$argon2id$v=19$m=512,t=17,p=1" + argon2Tail},
		{"argon2: no passes", "argon2$argon2id$v=19$m=512,t=0,p=1" + argon2Tail},
		{"argon2: no lanes", "argon2$argon2id$v=19$m=512,t=2,p=0" + argon2Tail},
		{"argon2: 65 lanes", "argon2$argon2id$v=19$m=5120,t=2,p=65" + argon2Tail},
		{"argon2: too little memory for its lanes", "argon2$argon2id$v=19$m=15,t=2,p=2" + argon2Tail},
		{"argon2: order", "argon2$argon2id$v=19$t=2,m=512,p=1" + argon2Tail},
		{"argon2: parameter missing", "argon2$argon2id$v=19$m=512,t=2" + argon2Tail},
		{"argon2: argon2d", "argon2$argon2d$v=19$m=512,t=2,p=1" + argon2Tail},
		{"argon2: old version", "argon2$argon2id$v=16$m=512,t=2,p=1" + argon2Tail},
		{"argon2: empty salt", "argon2$argon2id$v=19$m=512,t=2,p=1$$yRa3CKCPxSKQ9MNNZE6JCA"},
		{"argon2: short sum", "argon2$argon2id$v=19$m=512,t=2,p=1$Q0dkcTh4TVNkRlQ0SXBGdGZjZ3dWYw$yRa3"},
		{"argon2: padding", "argon2$argon2id$v=19$m=512,t=2,p=1" + argon2Tail + "=="},

		{"scrypt: no power of two", "scrypt$33$salt$4$3$" + scryptSum},
		{"scrypt: N of one", "scrypt$1$salt$4$3$" + scryptSum},
		{"scrypt: over a GiB", "scrypt$2097152$salt$8$1$" + scryptSum},
		{"scrypt: too much work", "scrypt$1048576$salt$8$2$" + scryptSum},
		{"scrypt: 17 lanes", "scrypt$32$salt$4$17$" + scryptSum},
		{"scrypt: block size 65", "scrypt$32$salt$65$1$" + scryptSum},
		{"scrypt: no block size", "scrypt$32$salt$0$1$" + scryptSum},
		{"scrypt: no salt", "scrypt$32$$4$3$" + scryptSum},
		{"scrypt: no sum", "scrypt$32$salt$4$3$"},

		{"bcrypt: cost 16", "bcrypt_sha256$$2b$16" + bcryptTail},
		{"bcrypt: cost 3", "bcrypt_sha256$$2b$03" + bcryptTail},
		{"bcrypt: cost 0", "bcrypt_sha256$$2b$00" + bcryptTail},
		{"bcrypt: cost no number", "bcrypt_sha256$$2b$+9" + bcryptTail},
		{"bcrypt: version", "bcrypt_sha256$$2x$12" + bcryptTail},
		{"bcrypt: cut", "bcrypt_sha256$$2b$04" + bcryptTail[:40]},
		{"bcrypt: alphabet", "bcrypt_sha256$$2b$04" + bcryptTail[:53] + "="},
	}
	for _, tt := range tests {
		_, err := password.Rewrite(tt.encoded)
		if err == nil {
			t.Errorf("%s: got no error", tt.name)
			continue
		}
		if _, parts, _ := strings.Cut(tt.encoded, "$"); len(parts) > 4 && strings.Contains(err.Error(), parts) {
			t.Errorf("%s: %v shows the hash", tt.name, err)
		}
	}
}

func TestParse_Bounds(t *testing.T) {
	t.Parallel()
	for _, encoded := range []string{
		"pbkdf2_sha256$4000000" + sha256Tail,
		"argon2$argon2id$v=19$m=1048576,t=16,p=64" + argon2Tail,
		"argon2$argon2i$v=19$m=8,t=1,p=1" + argon2Tail,
		"scrypt$1048576$salt$8$1$" + scryptSum,
		"bcrypt_sha256$$2b$15" + bcryptTail,
		"bcrypt_sha256$$2b$04" + bcryptTail,
	} {
		if got, err := password.Rewrite(encoded); err != nil || got != encoded {
			t.Errorf("got %q, %v, want %q", got, err, encoded)
		}
	}
}

// FuzzParse: whatever is accepted is written again as it was read, so no two
// texts stand for one hash, and nothing of another form is computed.
func FuzzParse(f *testing.F) {
	for _, v := range append(djangoHashes(f), staffHashes...) {
		f.Add(v.encoded)
	}
	for _, seed := range []string{"", "!x", "$", "argon2$argon2id$v=19$m=08,t=1,p=1" + argon2Tail, "bcrypt_sha256$$2b$12", "scrypt$2$$1$1$"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		got, err := password.Rewrite(encoded)
		if err == nil && got != encoded && (got != "" || encoded != "" && encoded[0] != '!') {
			t.Errorf("%q is written again as %q", encoded, got)
		}
	})
}
