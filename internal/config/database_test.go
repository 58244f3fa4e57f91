package config_test

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roster/internal/config"
)

// mysql are settings that are complete for MySQL, followed by more, of which
// the last of a name counts.
func mysql(more ...string) []string {
	return append([]string{longKey, "DB_ENGINE=mysql", "DB_NAME=roster", "DB_USER=roster", "DB_PASSWORD=hunter2"}, more...)
}

// writeCA writes the certificate of a test server as a file of CA certificates.
func writeCA(t *testing.T) string {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	path := filepath.Join(t.TempDir(), "ca.pem")
	content := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestValidate_MySQL(t *testing.T) {
	t.Parallel()
	noCA := writeDotenv(t, "not a certificate")
	for name, test := range map[string]struct {
		setting string
		want    string // the one fault; "" for none
	}{
		"complete":               {"", ""},
		"no password":            {"DB_PASSWORD=", ""},
		"a name with a dot":      {"DB_NAME=roster.v2", ""},
		"no database":            {"DB_NAME=", "DB_NAME: required with DB_ENGINE=mysql; "},
		"a database as a path":   {"DB_NAME=/srv/db", `DB_NAME: "/srv/db" is not the name of a database; `},
		"a long database":        {"DB_NAME=" + strings.Repeat("é", 65), "DB_NAME: "},
		"a long enough database": {"DB_NAME=" + strings.Repeat("é", 64), ""},
		"no user":                {"DB_USER=", "DB_USER: required with DB_ENGINE=mysql"},
		"no key":                 {"SECRET_KEY=", "SECRET_KEY: required with DB_ENGINE=mysql; set 32 random characters or more"},
		"a short key":            {"SECRET_KEY=hunter2", "SECRET_KEY: 7 characters are too few with DB_ENGINE=mysql; set 32 "},
		"replicas":               {"DB_REPLICA_HOSTS=db2, db3:3307,[::1],[::1]:3307,10.0.0.7", ""},
		"a replica as a URL":     {"DB_REPLICA_HOSTS=tcp://db2", `DB_REPLICA_HOSTS: "tcp://db2" is not a server; write host or host:port, `},
		"a replica without host": {"DB_REPLICA_HOSTS=:3306", `DB_REPLICA_HOSTS: ":3306" is not a server; `},
		"a replica's bad port":   {"DB_REPLICA_HOSTS=db2,db3:65536", `DB_REPLICA_HOSTS: "db3:65536" is not a server; `},
		"a replica's no port":    {"DB_REPLICA_HOSTS=db2:", `DB_REPLICA_HOSTS: "db2:" is not a server; `},
		"IPv6 without brackets":  {"DB_REPLICA_HOSTS=2001:db8::7", `DB_REPLICA_HOSTS: "2001:db8::7" is not a server; `},
		"a name in brackets":     {"DB_REPLICA_HOSTS=[db2]:3306", `DB_REPLICA_HOSTS: "[db2]:3306" is not a server; `},
		"the same replica twice": {"DB_REPLICA_HOSTS=db2,DB2:3306", `DB_REPLICA_HOSTS: "db2:3306" is named twice; `},
		"TLS by the system":      {"DB_TLS=on", ""},
		"TLS by a file":          {"DB_TLS=" + writeCA(t), ""},
		"TLS by a file not one":  {"DB_TLS=" + noCA, `DB_TLS: "` + noCA[:40]},
		"TLS by a missing file":  {"DB_TLS=/nowhere/ca.pem", `DB_TLS: "/nowhere/ca.pem" is neither off, on nor a readable file with CA certificates in PEM`},
		"TLS unverified":         {"DB_TLS=skip-verify", `DB_TLS: "skip-verify" is neither `},
	} {
		err := load(t, "", mysql(test.setting)...).Validate("127.0.0.1:8000")
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: got %v, want no fault", name, err)
		case test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: got %v, want one line that begins with %s", name, err, test.want)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: %v shows a secret", name, err)
		}
	}
}

// The key is for those who listen: migrate needs none.
func TestValidate_MySQLWithoutListener(t *testing.T) {
	t.Parallel()
	if err := load(t, "", mysql("SECRET_KEY=")...).Validate(""); err != nil {
		t.Errorf("got %v, want no fault", err)
	}
}

func TestReplicas(t *testing.T) {
	t.Parallel()
	c := load(t, "", mysql("DB_PORT=4406", "DB_REPLICA_HOSTS=Db2.example.com, [2001:db8::7], 10.0.0.7:3307,[::1]:3308")...)
	want := []string{"db2.example.com:4406", "[2001:db8::7]:4406", "10.0.0.7:3307", "[::1]:3308"}
	if got := c.Replicas(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := load(t, "", mysql()...).Replicas(); got != nil {
		t.Errorf("got %q, want none", got)
	}
}

func TestValidate_SQLiteHasNoReplicas(t *testing.T) {
	t.Parallel()
	err := load(t, "", "DB_REPLICA_HOSTS=db2").Validate("")
	if want := "DB_REPLICA_HOSTS: replicas require DB_ENGINE=mysql"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestValidate_SQLiteIgnoresTheServer(t *testing.T) {
	t.Parallel()
	c := load(t, "", "DB_TLS=/nowhere/ca.pem", "DB_NAME=a/b.db")
	if err := c.Validate("127.0.0.1:8000"); err != nil || c.DBEngine != config.SQLite {
		t.Errorf("got %v with the engine %s, want no fault with sqlite", err, c.DBEngine)
	}
}
