package jwt_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	lib "github.com/golang-jwt/jwt/v5"

	"roster/internal/auth/jwt"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const audience = "roster"

// server is a profile with the key that it knows.
type server struct {
	jwt.Profile

	key jwt.Key
}

func newServer(t *testing.T, algorithm jwt.Algorithm) *server {
	t.Helper()
	s := &server{Profile: jwt.Profile{Algorithm: algorithm, Issuer: "https://roster.example.com", Audience: audience, Now: func() time.Time { return noon }}}
	if algorithm == jwt.HS256 {
		s.Issuer, s.Audience, s.key = "", "", jwt.SecretKey([]byte("a secret of the tests, which is long enough"))
		return s
	}
	var err error
	if s.key, err = jwt.NewKey("first", algorithm); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *server) find(id string) ([]jwt.Key, error) {
	if id != s.key.ID {
		return nil, nil
	}
	return []jwt.Key{s.key}, nil
}

func (s *server) sign(t *testing.T, c jwt.Claims) string {
	t.Helper()
	text, err := s.Sign(s.key, c)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (s *server) check(text, kind string) error {
	c, err := s.Parse(text, s.find)
	if err != nil {
		return err
	}
	return c.Check(kind)
}

func fresh() jwt.Claims {
	return jwt.Claims{Type: jwt.Access, ID: "0123", Account: 7, Session: "login", IssuedAt: noon, ExpiresAt: noon.Add(5 * time.Minute)}
}

func algorithms() []jwt.Algorithm { return []jwt.Algorithm{jwt.EdDSA, jwt.RS256, jwt.HS256} }

func TestProfile_SignsWhatItParses(t *testing.T) {
	t.Parallel()
	for _, algorithm := range algorithms() {
		s := newServer(t, algorithm)
		got, err := s.Parse(s.sign(t, fresh()), s.find)
		if got.IssuedAt, got.ExpiresAt = got.IssuedAt.UTC(), got.ExpiresAt.UTC(); err != nil || got != fresh() {
			t.Errorf("%s: got %+v, %v", algorithm, got, err)
		}
	}
}

// raw returns a token with any header and payload, signed by the server's key.
func (s *server) raw(t *testing.T, header, payload map[string]any) string {
	t.Helper()
	encode := func(v map[string]any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := encode(header) + "." + encode(payload)
	key := any([]byte("a secret of the tests, which is long enough"))
	if s.Algorithm != jwt.HS256 {
		der, err := s.key.Private()
		if err != nil {
			t.Fatal(err)
		}
		if key, err = x509.ParsePKCS8PrivateKey(der); err != nil {
			t.Fatal(err)
		}
	}
	signature, err := lib.GetSigningMethod(string(s.Algorithm)).Sign(signed, key)
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// with returns a header or payload with other values; nil removes one.
func with(all map[string]any, changes ...any) map[string]any {
	changed := map[string]any{}
	for name, value := range all {
		changed[name] = value
	}
	for i := 0; i < len(changes); i += 2 {
		name, _ := changes[i].(string)
		changed[name] = changes[i+1]
		if changes[i+1] == nil {
			delete(changed, name)
		}
	}
	return changed
}

// Every rule refuses a token that breaks it alone, although its signature is right.
func TestProfile_Refuses(t *testing.T) {
	t.Parallel()
	at := noon.Unix()
	for _, algorithm := range algorithms() {
		s := newServer(t, algorithm)
		header := with(map[string]any{"alg": string(algorithm), "typ": "JWT", "kid": s.key.ID})
		payload := map[string]any{
			"token_type": "access", "exp": at + 300, "iat": at, "jti": "x", "user_id": 7, "iss": s.Issuer, "aud": s.Audience,
		}
		for name, tt := range map[string]struct {
			header, payload map[string]any
			want            error
		}{
			"valid":                        {header, payload, nil},
			"a list of audiences":          {header, with(payload, "aud", []string{"other", audience}), nil},
			"user_id as a text":            {header, with(payload, "user_id", "7"), nil},
			"iat a minute ahead":           {header, with(payload, "iat", at+60), nil},
			"nbf a minute ahead":           {header, with(payload, "nbf", at+60), nil},
			"iat further ahead":            {header, with(payload, "iat", at+61), jwt.ErrInvalid},
			"nbf further ahead":            {header, with(payload, "nbf", at+61), jwt.ErrInvalid},
			"the last second":              {header, with(payload, "exp", at+1), nil},
			"expired":                      {header, with(payload, "exp", at), jwt.ErrInvalid},
			"exp beyond all numbers":       {header, with(payload, "exp", 1e300), jwt.ErrInvalid},
			"exp is a text":                {header, with(payload, "exp", "soon"), jwt.ErrInvalid},
			"exp is missing":               {header, with(payload, "exp", nil), jwt.ErrNoExpiry},
			"jti is missing":               {header, with(payload, "jti", nil), jwt.ErrNoID},
			"token_type is missing":        {header, with(payload, "token_type", nil), jwt.ErrNoType},
			"another token_type":           {header, with(payload, "token_type", "refresh"), jwt.ErrWrongType},
			"typ is missing":               {with(header, "typ", nil), payload, jwt.ErrInvalid},
			"another typ":                  {with(header, "typ", "at+jwt"), payload, jwt.ErrInvalid},
			"typ in lower case (RFC 7519)": {with(header, "typ", "jwt"), payload, nil},
			"a critical extension":         {with(header, "crit", []string{"b64"}, "b64", false), payload, jwt.ErrInvalid},
			"an unknown key":               {with(header, "kid", "second"), payload, jwt.ErrInvalid},
			"no algorithm":                 {with(header, "alg", nil), payload, jwt.ErrInvalid},
			"none":                         {with(header, "alg", "none"), payload, jwt.ErrInvalid},
			"None":                         {with(header, "alg", "None"), payload, jwt.ErrInvalid},
			"a longer hash":                {with(header, "alg", "HS512"), payload, jwt.ErrInvalid},
		} {
			if got := s.check(s.raw(t, tt.header, tt.payload), jwt.Access); !errors.Is(got, tt.want) {
				t.Errorf("%s, %s: got %v, want %v", algorithm, name, got, tt.want)
			}
		}
		if algorithm == jwt.HS256 {
			continue // simplejwt has neither issuer nor audience
		}
		for name, changed := range map[string]map[string]any{
			"another issuer":   with(payload, "iss", "https://other.example.com"),
			"no issuer":        with(payload, "iss", nil),
			"another audience": with(payload, "aud", "other"),
			"no audience":      with(payload, "aud", nil),
			"no audiences":     with(payload, "aud", []string{}),
		} {
			if got := s.check(s.raw(t, header, changed), jwt.Access); !errors.Is(got, jwt.ErrInvalid) {
				t.Errorf("%s, %s: got %v", algorithm, name, got)
			}
		}
	}
}

// A public key is no secret of HMAC, and no key serves another algorithm.
func TestProfile_ConfusedAlgorithms(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []jwt.Algorithm{jwt.EdDSA, jwt.RS256} {
		s := newServer(t, algorithm)
		jwk, _ := s.key.JWK()
		modulus, err := base64.RawURLEncoding.DecodeString(jwk.Modulus + jwk.X)
		if err != nil {
			t.Fatal(err)
		}
		token := lib.NewWithClaims(lib.SigningMethodHS256, lib.MapClaims{"token_type": "access", "jti": "x", "exp": noon.Unix() + 60, "iss": s.Issuer, "aud": audience})
		token.Header["kid"] = s.key.ID
		text, err := token.SignedString(modulus)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.check(text, jwt.Access); !errors.Is(err, jwt.ErrInvalid) {
			t.Errorf("%s, signed with the public key as a secret: got %v", algorithm, err)
		}
	}
	s := newServer(t, jwt.EdDSA)
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	token := lib.NewWithClaims(lib.SigningMethodES256, lib.MapClaims{"token_type": "access", "jti": "x", "exp": noon.Unix() + 60})
	token.Header["kid"] = s.key.ID
	text, err := token.SignedString(private)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.check(text, jwt.Access); !errors.Is(err, jwt.ErrInvalid) {
		t.Errorf("ES256: got %v", err)
	}
}

func TestProfile_Tampered(t *testing.T) {
	t.Parallel()
	for _, algorithm := range algorithms() {
		s, other := newServer(t, algorithm), newServer(t, algorithm)
		if algorithm == jwt.HS256 {
			other.key = jwt.SecretKey([]byte("another secret of the tests, also long"))
		}
		text := s.sign(t, fresh())
		parts := strings.Split(text, ".")
		for name, changed := range map[string]string{
			"another server's key":   other.sign(t, fresh()),
			"no signature":           parts[0] + "." + parts[1] + ".",
			"a signature cut short":  text[:len(text)-4],
			"another payload":        parts[0] + "." + strings.Split(s.sign(t, jwt.Claims{Type: jwt.Access, ID: "y"}), ".")[1] + "." + parts[2],
			"padding":                text + "=",
			"a fourth part":          text + ".x",
			"two parts":              parts[0] + "." + parts[1],
			"nothing":                "",
			"no base64":              "a!.b!.c!",
			"no JSON":                "bm8.bm8." + parts[2],
			"a header of null":       "bnVsbA." + parts[1] + "." + parts[2],
			"a payload of null":      parts[0] + ".bnVsbA." + parts[2],
			"longer than any token":  text + strings.Repeat("A", 8<<10),
			"one character replaced": parts[0] + "." + parts[1] + "." + swapFirst(parts[2]),
		} {
			if err := s.check(changed, jwt.Access); !errors.Is(err, jwt.ErrInvalid) {
				t.Errorf("%s, %s: got %v", algorithm, name, err)
			}
		}
	}
}

func swapFirst(text string) string {
	if text[0] == 'A' {
		return "B" + text[1:]
	}
	return "A" + text[1:]
}

// The error of a key that cannot be looked up is that of the look-up.
func TestProfile_KeysAway(t *testing.T) {
	t.Parallel()
	s, away := newServer(t, jwt.EdDSA), errors.New("away")
	_, err := s.Parse(s.sign(t, fresh()), func(string) ([]jwt.Key, error) { return nil, away })
	if !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
}

func TestKey_JWK(t *testing.T) {
	t.Parallel()
	for algorithm, want := range map[jwt.Algorithm]jwt.JWK{
		jwt.EdDSA: {KeyType: "OKP", ID: "first", Use: "sig", Algorithm: "EdDSA", Curve: "Ed25519"},
		jwt.RS256: {KeyType: "RSA", ID: "first", Use: "sig", Algorithm: "RS256", Exponent: "AQAB"},
	} {
		got, ok := newServer(t, algorithm).key.JWK()
		lengths := len(got.X) + len(got.Modulus)
		got.X, got.Modulus = "", ""
		if !ok || got != want || lengths != 43 && lengths != 512 {
			t.Errorf("%s: got %+v, %d characters", algorithm, got, lengths)
		}
	}
	if _, ok := jwt.SecretKey([]byte("secret")).JWK(); ok {
		t.Error("a secret has a public key")
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []jwt.Algorithm{jwt.EdDSA, jwt.RS256} {
		s := newServer(t, algorithm)
		text := s.sign(t, fresh())
		der, err := s.key.Private()
		if err != nil {
			t.Fatal(err)
		}
		if s.key, err = jwt.ParseKey("first", der); err != nil {
			t.Fatal(err)
		}
		if err := s.check(text, jwt.Access); err != nil {
			t.Errorf("%s, after it was stored: %v", algorithm, err)
		}
	}
	if _, err := jwt.ParseKey("first", []byte("no key")); err == nil {
		t.Error("no key: no error")
	}
}
