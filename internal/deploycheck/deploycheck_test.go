package deploycheck_test

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/config"
	"roster/internal/deploycheck"
	"roster/internal/finding"
	"roster/internal/secret"
)

var update = flag.Bool("update", false, "update the golden files")

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// fit are facts that pass every check: MySQL elsewhere, behind a proxy.
func fit(t *testing.T, settings ...string) deploycheck.Facts {
	t.Helper()
	standard := []string{
		"SECRET_KEY=q3v9Zt5Lw8Rk1Yx7Pb2Nc4Md6Hf0Gj-Ts_Ua+Ve=WiXoYpZ%AlBmCn", "ALLOWED_HOSTS=users.example.com",
		"DB_ENGINE=mysql", "DB_NAME=roster", "DB_USER=roster", "DB_PASSWORD=p", "DB_HOST=db.example.com", "DB_TLS=on",
		"EMAIL_BACKEND=smtp", "EMAIL_HOST=mail.example.com", "EMAIL_USE_TLS=true", "DEFAULT_FROM_EMAIL=users@example.com",
		"REQUIRE_TOTP=true", "API_BASIC_AUTH=false", "THROTTLE_USER=600/min", "CACHE_URL=rediss://:p@redis.example.com:6379/1", "LOG_FORMAT=json", "TRUSTED_PROXIES=10.0.0.0/24,fd00::/7", "CORS_ALLOWED_ORIGINS=https://app.example.com",
		"BROKER_URL=rediss://:p@redis.example.com:6379/0", "BACKUP_DIR=/backups", "BACKUP_KEY=a key that is hard to guess", "SHUTDOWN_DELAY=5",
		"METRICS_ALLOW=10.0.0.0/24", "AUDIT_KEEP_DAYS=365", "ADMIN_LOG_KEEP_DAYS=365", "REPORT_KEEP_DAYS=365", "DEAD_TASK_KEEP_DAYS=90",
	}
	c, err := config.Load(append(standard, settings...), "")
	if err != nil {
		t.Fatal(err)
	}
	return deploycheck.Facts{
		Config: c, Bind: "0.0.0.0:8000", FailuresPerHour: 120, Now: noon,
		Machine:  deploycheck.Machine{OpenFiles: 65536, DotenvMode: 0o600, DatabaseMode: 0o640, DiskSize: 100 << 30, DiskFree: 50 << 30},
		Database: deploycheck.Database{Reached: true, Superusers: 1, Workers: 1, MaxConnections: 151, LastBackup: noon.Add(-47 * time.Hour)},
	}
}

// failing has, for each check, facts that fail it and no other.
var failing = map[string]func(*testing.T) deploycheck.Facts{
	"debug.on":      with("DEBUG=true"),
	"api.open":      with("API_PERMISSION=AllowAny"),
	"api.basic":     with("API_BASIC_AUTH=true"),
	"hosts.missing": with("ALLOWED_HOSTS="),
	"hosts.any":     with("ALLOWED_HOSTS=a.example,*"),
	"proxies.none": but(func(f *deploycheck.Facts) {
		f.Bind, f.Config.TrustedProxies = "127.0.0.1:8000", nil
		f.Config.APIPermission = "IsAuthenticated"
	}),
	"proxies.wide": but(func(f *deploycheck.Facts) {
		f.Config.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
	}),
	"tls.none":              with("TRUSTED_PROXIES="),
	"api.basic-clear":       with("TRUSTED_PROXIES=", "API_BASIC_AUTH=true"),
	"jwt.shared-key":        with("JWT_ALGORITHM=HS256"),
	"tokens.forever":        but(func(f *deploycheck.Facts) { f.Database.LastingTokens = 2 }),
	"throttle.off":          with("THROTTLE_USER=off"),
	"throttle.per-process":  with("CACHE_URL=", "DB_PROCESSES=2"),
	"cors.all":              with("CORS_ALLOW_ALL_ORIGINS=true"),
	"cors.plain":            with("CORS_ALLOWED_ORIGINS=https://a.example,http://b.example"),
	"secret-key.made":       but(func(f *deploycheck.Facts) { f.Config.SecretKey = secret.Text{} }),
	"secret-key.weak":       with("SECRET_KEY=django-insecure-q3v9Zt5Lw8Rk1Yx7Pb2Nc4Md6Hf0Gj-Ts_Ua+Ve"),
	"secret-key.fallbacks":  with("SECRET_KEY_FALLBACKS=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"),
	"secret.weak":           with("METRICS_TOKEN=0123456789abcdef"),
	"file.dotenv":           but(func(f *deploycheck.Facts) { f.Machine.DotenvMode = 0o644 }),
	"file.database":         but(func(f *deploycheck.Facts) { f.Machine.DatabaseMode = 0o644 }),
	"database.sqlite":       with("DB_ENGINE=sqlite", "DB_NAME=db.sqlite3", "DB_USER=root", "DB_PASSWORD=", "DB_TLS=off"),
	"database.network-file": but(func(f *deploycheck.Facts) { f.Machine.FileSystem = "nfs" }),
	"database.clear":        with("DB_TLS=off"),
	"database.root":         with("DB_USER=root"),
	"database.no-password":  with("DB_PASSWORD="),
	"database.auto-migrate": with("AUTO_MIGRATE=true"),
	"database.pool":         with("DB_POOL_SIZE=60"),
	"database.pending":      but(func(f *deploycheck.Facts) { f.Database = deploycheck.Database{Pending: 2} }),
	"staff.totp":            with("REQUIRE_TOTP=false"),
	"staff.throttle":        but(func(f *deploycheck.Facts) { f.FailuresPerHour = 36000 }),
	"staff.password-length": with("PASSWORD_MIN_LENGTH=8"),
	"staff.hasher":          with("PASSWORD_HASHER=pbkdf2_sha256"),
	"staff.oidc-create":     with("OIDC_PROVIDERS=corp", "OIDC_CORP_CREATE=true"),
	"staff.no-superuser":    but(func(f *deploycheck.Facts) { f.Database.Superusers = 0 }),
	"mail.nowhere":          with("EMAIL_BACKEND=console"),
	"mail.clear":            with("EMAIL_USE_TLS=false"),
	"mail.unsubscribe":      with("ALLOWED_HOSTS=.example.com"),
	"mail.sender":           with("DEFAULT_FROM_EMAIL=Roster <webmaster@localhost>"),
	"process.root":          but(func(f *deploycheck.Facts) { f.Machine.IsRoot = true }),
	"process.open-files":    but(func(f *deploycheck.Facts) { f.Machine.OpenFiles = 1024 }),
	"disk.nearly-full":      but(func(f *deploycheck.Facts) { f.Machine.DiskFree = 9 << 30 }),
	"log.debug":             with("LOG_LEVEL=DEBUG"),
	"log.quiet":             with("LOG_LEVEL=ERROR"),
	"log.text":              with("LOG_FORMAT=text"),
	"tasks.dead":            but(func(f *deploycheck.Facts) { f.Database.DeadTasks = 3 }),
	"metrics.open":          with("METRICS_ALLOW=0.0.0.0/1"),
	"pprof.open":            with("METRICS_BIND=0.0.0.0:9464", "PPROF=anywhere"),
	"broker.clear":          with("BROKER_URL=redis://:p@redis.example.com:6379/0"),
	"broker.no-password":    with("BROKER_URL=rediss://redis.example.com:6379/0"),
	"backup.none":           but(func(f *deploycheck.Facts) { f.Database.LastBackup = time.Time{} }),
	"backup.old":            but(func(f *deploycheck.Facts) { f.Database.LastBackup = noon.Add(-49 * time.Hour) }),
	"backup.clear":          with("BACKUP_KEY="),
	"retention.forever":     with("ADMIN_LOG_KEEP_DAYS=0"),
	"restart.abrupt":        with("SHUTDOWN_DELAY=0"),
	"tasks.no-worker":       but(func(f *deploycheck.Facts) { f.Database.Workers = 0 }),
}

// TestJudge_CountsAllProcesses shows that the connections of all processes count, as
// set or as seen.
func TestJudge_CountsAllProcesses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		processes string
		workers   int
		want      bool
	}{{"1", 1, false}, {"7", 1, false}, {"8", 1, true}, {"1", 6, false}, {"1", 7, true}, {"19", 0, true}} {
		f := fit(t, "DB_PROCESSES="+c.processes) // pools of 20, of 151
		f.Database.Workers = c.workers
		found, _ := deploycheck.Judge(f)
		got := slices.ContainsFunc(found, func(f finding.Finding) bool { return f.ID == "database.pool" })
		if got != c.want {
			t.Errorf("%+v: got %v of %v", c, got, found)
		}
	}
}

func with(settings ...string) func(*testing.T) deploycheck.Facts {
	return func(t *testing.T) deploycheck.Facts {
		t.Helper()
		return fit(t, settings...)
	}
}

func but(change func(*deploycheck.Facts)) func(*testing.T) deploycheck.Facts {
	return func(t *testing.T) deploycheck.Facts {
		t.Helper()
		f := fit(t)
		change(&f)
		return f
	}
}

func TestJudge_Fit(t *testing.T) {
	t.Parallel()
	found, checks := deploycheck.Judge(fit(t))
	if len(found) != 0 || checks != len(deploycheck.Rules()) {
		t.Errorf("got %+v of %d checks, want nothing of %d", found, checks, len(deploycheck.Rules()))
	}
}

func TestJudge_Each(t *testing.T) {
	t.Parallel()
	for _, rule := range deploycheck.Rules() {
		facts, ok := failing[rule.ID]
		if !ok {
			t.Errorf("%s: no facts fail it in this test", rule.ID)
			continue
		}
		found, _ := deploycheck.Judge(facts(t))
		if len(found) != 1 || found[0].ID != rule.ID {
			t.Errorf("%s: got %+v, want it alone", rule.ID, found)
		}
	}
}

// Unknown facts about the machine are not findings.
func TestJudge_UnknownPasses(t *testing.T) {
	t.Parallel()
	f := fit(t)
	f.Machine, f.Database = deploycheck.Machine{}, deploycheck.Database{LastBackup: noon}
	if found, _ := deploycheck.Judge(f); len(found) != 0 {
		t.Errorf("got %+v, want nothing", found)
	}
}

func TestRules_SayWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	form := regexp.MustCompile(`^[a-z-]+\.[a-z-]+$`)
	for _, r := range deploycheck.Rules() {
		if seen[r.ID] || !form.MatchString(r.ID) {
			t.Errorf("%s: twice, or not of the form subject.fault", r.ID)
		}
		seen[r.ID] = true
		if r.Title == "" || !strings.HasSuffix(r.Detail, ".") || r.Remedy == "" {
			t.Errorf("%s: lacks a title, a reason or a remedy: %+v", r.ID, r)
		}
	}
	if len(seen) < 25 {
		t.Errorf("got %d checks, want at least 25", len(seen))
	}
}

// TestRules_Documented keeps the page for operators in step with the checks.
func TestRules_Documented(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("# Checks of `roster check --deploy`\n\n" +
		"`roster check --deploy --bind HOST:PORT` checks the effective settings, the machine it runs on, and the database. It exits with status 1 if there is\n" +
		"an error, or with `--strict` a warning; `--json` writes the report for programs. On MySQL it also checks the server variables (ids `mysql.…`, as in\n" +
		"`roster takeover --check`), the triggers of the search index (`searches.triggers`, `mysql.trigger`), and the read replicas in `DB_REPLICA_HOSTS`\n" +
		"(`mysql.replica.…`); plain `roster check` reports the last two. `go test ./internal/deploycheck -update` generates this page.\n\n" +
		"| id | | what is wrong | why it matters | what to do |\n|---|---|---|---|---|\n")
	for _, r := range deploycheck.Rules() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", r.ID, r.Severity, r.Title, r.Detail, r.Remedy)
	}
	const page = "../../docs/deploy-checks.md"
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != b.String() {
		t.Errorf("%s is not as the checks are (%v); run go test with -update", page, err)
	}
}
