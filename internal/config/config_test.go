package config_test

import (
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/config"
	"roster/internal/fault"
	"roster/internal/secret"
)

// load reads environ and, when it is not empty, a .env file of that content.
func load(t *testing.T, dotenv string, environ ...string) config.Config {
	t.Helper()
	c, err := config.Load(environ, writeDotenv(t, dotenv))
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

func writeDotenv(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".env")
	if content == "" {
		return path
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad_Defaults(t *testing.T) {
	t.Parallel()
	c := load(t, "")
	if err := c.Validate("127.0.0.1:8000"); err != nil {
		t.Fatalf("Validate: %v", err)
	}
	got := []any{c.Debug, c.SecretKey.Reveal(), c.DBEngine, c.DBName, c.DBUser, c.DBPassword.Reveal(), c.DBHost, c.DBPort, c.DBTLS,
		c.DBPoolSize, c.DBMaxOverflow, c.PoolRecycle(), c.Wait(), c.AutoMigrate, c.PageSize, c.APIPermission, c.CORSAllowAll,
		c.LogDir, c.LogLevel.Level(), c.LogFormat, c.TimeZone, c.TaskKeep()}
	want := []any{false, "", "sqlite", "db.sqlite3", "", "", "127.0.0.1", 3306, "off", 10, 10, 24 * time.Hour, time.Minute, false, 10, "auto", false,
		"logs", slog.LevelInfo, "text", "UTC", 7 * 24 * time.Hour}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	if c.AllowedHosts != nil || c.SecretKeyFallbacks != nil || c.CORSAllowedOrigins != nil || c.TrustedProxies != nil || c.LogLevels != nil {
		t.Errorf("got lists %+v, want all nil", c)
	}
}

func TestLoad_EverySetting(t *testing.T) {
	t.Parallel()
	c := load(t, "", "DEBUG=True", "SECRET_KEY=k1", "SECRET_KEY_FALLBACKS=k2, k3", "ALLOWED_HOSTS=Users.Example.com,.example.org, [::1],",
		"DB_ENGINE=sqlite", "DB_NAME=/srv/users.db", "PAGE_SIZE=1000", "API_PERMISSION=IsAuthenticated",
		"CORS_ALLOWED_ORIGINS=https://App.example.com,http://localhost:3000", "CORS_ALLOW_ALL_ORIGINS=yes",
		"LOG_DIR=/var/log/roster", "LOG_LEVEL=warning", "LOG_FORMAT=json", "LOG_LEVELS=Store=DEBUG, api = critical",
		"TRUSTED_PROXIES=10.1.2.3/8,192.0.2.7,2001:db8::/32,::ffff:172.16.0.0/108,::ffff:192.0.2.8", "TIME_ZONE=Europe/Berlin", "BROKER_URL=redis://localhost", "MAIL_PORT=many")
	if err := c.Validate(""); err != nil {
		t.Fatalf("Validate: %v", err)
	}
	got := []any{c.Debug, c.SecretKey.Reveal(), reveal(c.SecretKeyFallbacks), c.AllowedHosts, c.DBEngine, c.DBName, c.PageSize,
		c.APIPermission, c.CORSAllowedOrigins, c.CORSAllowAll, c.LogDir, c.LogLevel.Level(), c.LogFormat, c.LogLevels, c.TimeZone}
	want := []any{true, "k1", []string{"k2", "k3"}, []string{"users.example.com", ".example.org", "[::1]"}, "sqlite", "/srv/users.db", 1000,
		"IsAuthenticated", []string{"https://app.example.com", "http://localhost:3000"}, true, "/var/log/roster", slog.LevelWarn, "json",
		map[string]slog.Level{"store": slog.LevelDebug, "api": slog.LevelError + 4}, "Europe/Berlin"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("2001:db8::/32"),
		netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.0.2.8/32")}
	if !slices.Equal(c.TrustedProxies, proxies) {
		t.Errorf("TrustedProxies: got %v, want %v", c.TrustedProxies, proxies)
	}
	if got := c.Location().String(); got != "Europe/Berlin" {
		t.Errorf("Location: got %s, want Europe/Berlin", got)
	}
}

func TestLoad_MySQL(t *testing.T) {
	t.Parallel()
	c := load(t, "DB_PASSWORD='p#$ w'\n", longKey, "DB_ENGINE=mysql", "DB_NAME=Rösters", "DB_USER=roster", "DB_HOST=2001:db8::1",
		"DB_PORT=3307", "DB_TLS=on", "DB_POOL_SIZE=1", "DB_MAX_OVERFLOW=0", "DB_POOL_RECYCLE=90", "DB_WAIT=0", "AUTO_MIGRATE=yes")
	if err := c.Validate("127.0.0.1:8000"); err != nil {
		t.Fatalf("Validate: %v", err)
	}
	got := []any{c.DBEngine, c.DBName, c.DBUser, c.DBPassword.Reveal(), c.DBHost, c.DBPort, c.DBTLS, c.DBPoolSize, c.DBMaxOverflow, c.PoolRecycle(), c.Wait(), c.AutoMigrate}
	want := []any{config.MySQL, "Rösters", "roster", "p#$ w", "2001:db8::1", 3307, config.TLSOn, 1, 0, 90 * time.Second, time.Duration(0), true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func reveal(secrets []secret.Text) []string {
	var texts []string
	for _, s := range secrets {
		texts = append(texts, s.Reveal())
	}
	return texts
}

func TestLoad_Precedence(t *testing.T) {
	t.Parallel()
	c := load(t, "PAGE_SIZE=20\nDB_NAME='a b#c.db' # the file\nexport LOG_LEVEL=\"DEBUG\"\nLOG_DIR=elsewhere\n",
		"PAGE_SIZE=30", "DB_NAME=", "LOG_DIR=")
	if c.PageSize != 30 {
		t.Errorf("PAGE_SIZE: got %d, want the environment's 30", c.PageSize)
	}
	if c.DBName != "a b#c.db" {
		t.Errorf("DB_NAME: got %q, want the file's, as an empty value is not set", c.DBName)
	}
	if c.LogLevel.Level() != slog.LevelDebug {
		t.Errorf("LOG_LEVEL: got %v, want the file's DEBUG", c.LogLevel.Level())
	}
	if c.LogDir != "" {
		t.Errorf("LOG_DIR: got %q, want it off by the environment's empty value", c.LogDir)
	}
	if value, ok := os.LookupEnv("LOG_LEVEL"); ok {
		t.Errorf("the process environment got LOG_LEVEL=%q from the file", value)
	}
}

func TestLoad_Booleans(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"true": true, "True": true, "TRUE": true, "1": true, "yes": true, "on": true, "t": true, "Y": true, " true ": true,
		"false": false, "False": false, "0": false, "no": false, "off": false, "f": false, "N": false, "": false,
	} {
		c := load(t, "", "DEBUG="+text)
		if err := c.Validate(""); err != nil || c.Debug != want {
			t.Errorf("DEBUG=%q: got %t, %v, want %t", text, c.Debug, err, want)
		}
	}
}

func TestLoad_MalformedDotenv(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		content string
		line    string
	}{
		"no equals sign":   {"# head\n\nDEBUG=true\nhunter2\nPAGE_SIZE=1\n", ":4:"},
		"last line":        {"DEBUG=true\nhunter2", ":2:"},
		"open quote":       {"A='one\ntwo'\nSECRET_KEY='hunter2\nDEBUG=true\n", ":3:"},
		"no name":          {"=hunter2\n", ":1:"},
		"name with space":  {"DEBUG=1\r\nMY KEY=hunter2\r\n", ":2:"},
		"shell expression": {"A=1\n\n\nif [ hunter2 ]; then\n", ":4:"},
	} {
		path := writeDotenv(t, test.content)
		_, err := config.Load(nil, path)
		if err == nil || !strings.HasPrefix(err.Error(), path+test.line) {
			t.Errorf("%s: got %v, want it to begin with the file and %s", name, err, test.line)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v shows the content", name, err)
		}
	}
}

func TestLoad_DotenvThatIsNoFile(t *testing.T) {
	t.Parallel()
	if _, err := config.Load(nil, t.TempDir()); err != nil {
		t.Errorf("a directory: got %v, want it left alone", err)
	}
	_, err := config.Load(nil, writeDotenv(t, strings.Repeat("#", 70_000)))
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("a huge file: got %v, want an Invalid error", err)
	}
}

func TestLoad_ByteOrderMark(t *testing.T) {
	t.Parallel()
	if c := load(t, "\uFEFFPAGE_SIZE=7\r\n"); c.PageSize != 7 {
		t.Errorf("got PAGE_SIZE %d, want 7", c.PageSize)
	}
}

func TestLoad_LaterVariableWins(t *testing.T) {
	t.Parallel()
	if c := load(t, "", "PAGE_SIZE=1", "PAGE_SIZE=2", "nonsense", "=C:=x"); c.PageSize != 2 {
		t.Errorf("got PAGE_SIZE %d, want 2", c.PageSize)
	}
}

func TestLocation_Invalid(t *testing.T) {
	t.Parallel()
	if got := load(t, "", "TIME_ZONE=Mars/Olympus").Location(); got != time.UTC {
		t.Errorf("got %v, want UTC", got)
	}
}

func TestDump(t *testing.T) {
	t.Parallel()
	c := load(t, "LOG_FORMAT=json\nSECRET_KEY_FALLBACKS=old-hunter2\n", "SECRET_KEY=hunter2", "DEBUG=yes", "DB_PASSWORD=hunter2", "EMAIL_HOST_PASSWORD=hunter2",
		"CELERY_BROKER_URL=redis://:hunter2@127.0.0.1", "LOG_DIR=")
	shown := map[string]config.Setting{}
	for _, s := range c.Dump() {
		shown[s.Name] = s
	}
	for _, want := range []config.Setting{
		{"DEBUG", "yes", "false", "env"}, {"LOG_FORMAT", "json", "text", ".env"}, {"PAGE_SIZE", "10", "10", "default"}, {"ALLOWED_HOSTS", "", "", "default"},
		{"LOG_DIR", "", "logs", "env"}, {"SECRET_KEY", "[secret]", "", "env"}, {"SECRET_KEY_FALLBACKS", "[secret]", "", ".env"},
		{"DB_PASSWORD", "[secret]", "", "env"}, {"METRICS_TOKEN", "", "", "default"},
		{"BROKER_URL", "redis://[secret]@127.0.0.1", "embedded", "env, as CELERY_BROKER_URL"},
	} {
		if got := shown[want.Name]; got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if text := fmt.Sprint(c.Dump()); strings.Contains(text, "hunter2") {
		t.Errorf("got %s, which has a secret", text)
	}
}

// Every number has a range that its default is in.
func TestConfig_NumbersHaveRanges(t *testing.T) {
	t.Parallel()
	for field := range reflect.TypeFor[config.Config]().Fields() {
		var least, most int
		if field.Type != reflect.TypeFor[int]() {
			continue
		}
		n, err := strconv.Atoi(field.Tag.Get("default"))
		if _, wrong := fmt.Sscanf(field.Tag.Get("range"), "%d-%d", &least, &most); err != nil || wrong != nil || n < least || n > most {
			t.Errorf("%s: got %s", field.Name, field.Tag)
		}
	}
}

// The example sets nothing, and with its lines uncommented it sets every
// setting to its default.
func TestExample_SaysTheDefaults(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	want := load(t, "").Dump()
	if diff := cmp.Diff(want, load(t, string(content)).Dump()); diff != "" {
		t.Errorf("as it is (-want +got):\n%s", diff)
	}
	uncommented := regexp.MustCompile(`(?m)^#([A-Z_]+=)`).ReplaceAllString(string(content), "$1")
	if names := regexp.MustCompile(`(?m)^[A-Z_]+=`).FindAllString(uncommented, -1); len(names) != len(want) {
		t.Errorf("got %d settings, want %d", len(names), len(want))
	}
	for i, got := range load(t, uncommented).Dump() {
		if got.Name != want[i].Name || got.Value != want[i].Value {
			t.Errorf("uncommented: got %v, want the value of %v", got, want[i])
		}
	}
}
