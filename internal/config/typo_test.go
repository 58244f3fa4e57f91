package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/config"
)

// Names in the file that are nearly a setting's are reported; others may be another
// program's, and the environment is full of those.
func TestWarnings(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"DB_NAEM": "DB_NAME", "ALLOWED_HOST": "ALLOWED_HOSTS", "SECRETKEY": "SECRET_KEY", "debug": "DEBUG", "PAGE-SIZE": "PAGE_SIZE",
		"THROTLE_LOGN": "THROTTLE_LOGIN", "EMIAL_HOST": "EMAIL_HOST",
		"DB_NAME": "", "DATABASE_URL": "", "PORT": "", "PATH": "", "MYSQL_ROOT_PASSWORD": "", "DJANGO_SUPERUSER_PASSWORD": "",
	} {
		file := filepath.Join(t.TempDir(), ".env")
		name = strings.ReplaceAll(name, "-", ".") // a name that .env takes
		if err := os.WriteFile(file, []byte(name+"=hush-hush\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		conf, err := config.Load([]string{"DB_NAEM=x"}, file)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(conf.Warnings(), "\n")
		if (got == "") != (want == "") || !strings.HasSuffix(got, want+map[bool]string{true: "?"}[want != ""]) || strings.Contains(got, "hush") {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
