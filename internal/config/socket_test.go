package config_test

import (
	"strings"
	"testing"

	"roster/internal/config"
)

func TestSocketPath(t *testing.T) {
	t.Parallel()
	for bind, want := range map[string]string{
		"unix:/run/roster.sock": "/run/roster.sock", "/run/roster.sock": "/run/roster.sock", "unix:x": "x", "127.0.0.1:80": "", "localhost:80": "",
	} {
		if path, ok := config.SocketPath(bind); ok != (want != "") || ok && path != want {
			t.Errorf("%s: got %q, %t", bind, path, ok)
		}
	}
}

// Others connect to a socket: it takes the settings of a public address.
func TestValidate_Socket(t *testing.T) {
	t.Parallel()
	const key = "SECRET_KEY=q3v9Zt5Lw8Rk1Yx7Pb2Nc4Md6Hf0Gj-Ts"
	long := "unix:/" + strings.Repeat("a", 107)
	tests := []struct {
		bind     string
		settings []string
		want     string
	}{
		{"unix:/run/roster.sock", []string{key, "ALLOWED_HOSTS=a.example"}, ""},
		{long[:len(long)-1], []string{key, "ALLOWED_HOSTS=a.example"}, ""},
		{long, []string{key}, "at most 107 bytes"},
		{"unix:roster.sock", []string{key}, "not an absolute path"},
		{"/run/roster.sock", []string{key}, "ALLOWED_HOSTS: required"},
		{"unix:/run/roster.sock", []string{"ALLOWED_HOSTS=a.example"}, "SECRET_KEY: required"},
		{"unix:/run/roster.sock", []string{key, "ALLOWED_HOSTS=a.example", "DB_ENGINE=mysql", "DB_USER=a", "DB_NAME=a", "DB_HOST=/run/mysqld/mysqld.sock"}, ""},
	}
	for _, tt := range tests {
		err := load(t, "", tt.settings...).Validate(tt.bind)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s with %v: got %v, want %q", tt.bind, tt.settings, err, tt.want)
		}
	}
}
