package config_test

import (
	"strings"
	"testing"

	"roster/internal/config"
)

// The API is open only while no setting says that others connect.
func TestPermission(t *testing.T) {
	t.Parallel()
	const open, closed = "AllowAny", "DjangoModelPermissions"
	for _, tt := range []struct{ bind, setting, want string }{
		{"127.0.0.1:8000", "", open},
		{"localhost:8000", "ALLOWED_HOSTS=localhost,.localhost,app.localhost,127.0.0.1,127.1.2.3,[::1]", open},
		{"[::1]:8000", "CORS_ALLOWED_ORIGINS=http://localhost:3000,http://127.0.0.1:3000,http://[::1]:3000", open},
		{"127.0.0.1:8000", "METRICS_ALLOW=127.0.0.0/8,::1", open},
		{"127.0.0.1:8000", "ALLOWED_HOSTS=localhost,users.example.com", closed},
		{"127.0.0.1:8000", "ALLOWED_HOSTS=*", closed},
		{"127.0.0.1:8000", "ALLOWED_HOSTS=.example.com", closed},
		{"127.0.0.1:8000", "ALLOWED_HOSTS=notlocalhost", closed},
		{"127.0.0.1:8000", "ALLOWED_HOSTS=192.0.2.1", closed},
		{"127.0.0.1:8000", "ALLOWED_HOSTS=[2001:db8::1]", closed},
		{"127.0.0.1:8000", "TRUSTED_PROXIES=127.0.0.1", closed},
		{"127.0.0.1:8000", "CORS_ALLOWED_ORIGINS=https://app.example.com", closed},
		{"127.0.0.1:8000", "METRICS_ALLOW=10.0.0.0/8", closed},
		{"0.0.0.0:8000", "ALLOWED_HOSTS=localhost", closed},
		{"/run/roster.sock", "", closed},
		{"", "", closed},
		{"0.0.0.0:8000", "API_PERMISSION=AllowAny", open},
		{"0.0.0.0:8000", "", closed},
		{"127.0.0.1:8000", "API_PERMISSION=IsAuthenticated", "IsAuthenticated"},
	} {
		if got := load(t, "", tt.setting).Permission(tt.bind); got != tt.want {
			t.Errorf("%s with %s: got %s, want %s", tt.bind, tt.setting, got, tt.want)
		}
	}
}

func TestGuessable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true, strings.Repeat("a", 50): true, strings.Repeat("ab", 25): true, strings.Repeat("k3v9Z", 10): true,
		strings.Repeat("0123456789", 4): true, "0123456789abcdef0123456789abcdef": true, "abcdefghijklmnopqrstuvwxyz0123456789": true,
		"zyxwvutsrqponmlkjihgfedcba9876543210": true, "django-insecure-" + strings.Repeat("a", 50): true,
		"please-Change_Me-q3v9Zt5Lw8Rk1Yx7Pb2Nc4Md": true, "your-secret-key-here-q3v9Zt5Lw8Rk": true,
		"q3v9Zt5Lw8Rk1Yx7Pb2Nc4Md6Hf0Gj-T":                        false,
		"django-insecure-q3v9Zt5Lw8Rk1Yx7Pb2Nc4Md6Hf0Gj-Ts_Ua+Ve": false,
		"5f4dcc3b5aa765d61d8327deb882cf99":                        false, // hexadecimal
		"31415926535897932384626433832795":                        false, // decimal
		"correct horse battery staple and a few more words":       false,
		"ключ из многих разных букв и слов, длиной больше тридцати двух": false,
		"K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=":                       false,
		"for-development-only-never-on-a-server":                             false,
		"the same, the same, the same, the same, the same, the same, the sa": true,
	} {
		if got := config.Guessable(text, 32); got != want {
			t.Errorf("%q: got %t, want %t", text, got, want)
		}
	}
}

// Keys that Roster generates are never called guessable.
func TestGuessable_Generated(t *testing.T) {
	t.Parallel()
	for range 50 {
		if key := keyIn(t, t.TempDir()); config.Guessable(key, 32) {
			t.Errorf("%q is called guessable", key)
		}
	}
}
