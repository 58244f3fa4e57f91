package arch_test

import "slices"

// domain lists the packages that say what is true: no SQL, no HTTP, no state.
var domain = slices.Concat(basis, []string{"subject"})

// basis lists those that job may import.
var basis = []string{"fault", "secret", "finding", "phrase", "zone", "form", "query", "access", "audit", "task", "user", "auth", "job", "takeover"}

// everything lists the packages that the composition root joins.
var everything = slices.Concat(domain, []string{
	"config", "store", "redis", "mail", "oidc", "httpkit", "api", "web", "admin",
	"lifecycle", "logging", "metrics", "tracing", "health", "backup", "retention", "deploycheck", "lang",
})

// rows says which packages of ours a package may import. A sub-package
// belongs to the row of its parent. The table is that of docs/architecture.md.
var rows = map[string][]string{
	"fault":       {},
	"secret":      {},
	"lifecycle":   {},
	"logging":     {},
	"metrics":     {},
	"tracing":     {},
	"health":      {},
	"retention":   {},
	"arch":        {},
	"backup":      {"secret"},
	"zone":        {},
	"form":        {"fault", "zone"},
	"query":       {"fault", "form"},
	"access":      {"fault"},
	"config":      {"fault", "secret", "zone"},
	"audit":       {"fault", "access", "phrase"},
	"task":        {"fault", "zone", "form", "query", "access", "audit", "lifecycle"},
	"user":        {"fault", "zone", "form", "query", "access", "audit", "task"},
	"auth":        {"fault", "secret", "form", "query", "access", "audit", "task"},
	"job":         basis,
	"subject":     basis,
	"finding":     {},
	"phrase":      {},
	"takeover":    {"fault", "finding", "phrase", "form", "user", "task"},
	"deploycheck": {"secret", "access", "finding", "phrase", "config"},
	"store":       adapter,
	"redis":       adapter,
	"mail":        adapter,
	"oidc":        {"fault", "secret", "form", "auth"},
	"lang":        {},
	"httpkit":     {"fault", "lang", "access", "auth", "logging", "metrics", "tracing", "lifecycle"},
	"api":         door,
	"web":         door,
	"admin":       door,
	"docs":        {},
	"server":      slices.Concat(everything, []string{"docs"}),
	"cli": {
		"fault", "secret", "finding", "phrase", "form", "query", "access", "audit", "task", "auth", "takeover",
		"config", "deploycheck", "store", "redis", "mail", "httpkit", "admin", "backup", "server",
	},
	"bench": everything,
	"e2e":   slices.Concat(everything, []string{"cli"}),
	"main":  {"cli"},
}

var (
	adapter = slices.Concat(domain, []string{"logging", "metrics", "tracing"})
	door    = slices.Concat(domain, []string{"httpkit", "lang"})
)

// maxFanIn lists how many packages may import one, tests not counted. What they
// all need of it, and is not its subject, belongs into another package.
var maxFanIn = map[string]int{"internal/user": 10}

// inTests lists what test files may import beyond their package's row: a door
// may be tested against the real storage.
var inTests = []string{"store"}

// onlyTests stands for "test files of any package" in modules.
const onlyTests = "test files"

// modules says which packages may import a third-party path (and what is
// below it). Each module stays in as few packages as it can, so that it can be
// replaced; an addition needs a line in docs/adr/0006-dependencies.md.
var modules = map[string][]string{
	"github.com/mattn/go-sqlite3":           {"store", "bench"},
	"modernc.org/sqlite":                    {"store"},
	"github.com/go-sql-driver/mysql":        {"store", "bench"},
	"github.com/pressly/goose/v3":           {"store"},
	"go.yaml.in/yaml/v4":                    {"api"},
	"github.com/yuin/goldmark":              {"web"},
	"github.com/getkin/kin-openapi":         {"api", onlyTests},
	"github.com/DeRuina/timberjack":         {"logging"},
	"github.com/joho/godotenv":              {"config"},
	"github.com/caarlos0/env/v11":           {"config"},
	"github.com/alecthomas/kong":            {"cli"},
	"github.com/klauspost/compress":         {"backup"},
	"filippo.io/age":                        {"backup"},
	"github.com/coreos/go-systemd/v22":      {"lifecycle"},
	"github.com/boombuler/barcode":          {"admin"},
	"github.com/xuri/excelize/v2":           {"admin"},
	"github.com/go-webauthn/webauthn":       {"auth"},
	"github.com/coreos/go-oidc/v3":          {"oidc"},
	"github.com/go-jose/go-jose/v4":         {"oidc"},
	"golang.org/x/oauth2":                   {"oidc"},
	"golang.org/x/crypto":                   {"auth"},
	"github.com/golang-jwt/jwt/v5":          {"auth", onlyTests},
	"golang.org/x/net/idna":                 {"mail"},
	"golang.org/x/sync":                     {"auth"},
	"golang.org/x/time":                     {"httpkit"},
	"github.com/KimMachineGun/automemlimit": {"lifecycle"},
	"golang.org/x/text":                     {"form", "auth", "lang"},
	"golang.org/x/term":                     {"cli"},
	"golang.org/x/sys":                      {"cli", "deploycheck"},
	"github.com/google/go-cmp":              {onlyTests},
	"github.com/rogpeppe/go-internal":       {onlyTests},
	"github.com/chromedp":                   {onlyTests},
	"go.uber.org/goleak":                    {onlyTests},
	"golang.org/x/net/html":                 {onlyTests},
	"github.com/emersion/go-smtp":           {onlyTests},
	"github.com/emersion/go-sasl":           {onlyTests},
	"github.com/redis/rueidis":              {"redis", "bench"},
	"github.com/wneessen/go-mail":           {"mail"},
	"github.com/prometheus/client_golang":   {"metrics"},
	"github.com/prometheus/common":          {onlyTests},
	"go.opentelemetry.io/otel":              {"tracing"},
	"go.opentelemetry.io/proto/otlp":        {onlyTests},
	"google.golang.org/protobuf":            {onlyTests},
}

// forbiddenInDomain lists standard packages that would tie a rule to a
// technology; what is below them counts too.
var forbiddenInDomain = []string{"database/sql", "net/http", "html/template", "os/exec"}

// waits lists test files that may sleep or skip, each with its reason.
var waits = map[string]string{
	"internal/store/sqlite/django_test.go":     "the cross-check needs the program sqlite3, which make test installs",
	"e2e/django_test.go":                       "the way back is tried with Django itself where 4.2 is installed; other tests compare with what it made",
	"e2e/harness_test.go":                      "Python with simplejwt, Node.js and the certified provider are where .ci/run has installed them; other tests cover the same rules",
	"internal/store/mysqltest/server.go":       "TEST_MYSQL_DSN=none turns MySQL off where there is none; otherwise a missing server is a failure",
	"internal/store/sqlite/disk_linux_test.go": "mounting a file system that fills up needs root; TestInTx_Full covers the error itself",
}

// untested lists directories whose code needs no test file beside it.
var untested = map[string]string{
	".":     "main hands over to cli; the scripts of e2e run it",
	"bench": "it measures; make bench runs it",

	"internal/api/openapi":   "the tests of api build the document of its table, and check every answer against it",
	"internal/store/examine": "the tests of store/sqlite and store/mysql run it on their databases",
}

// The limits of docs/architecture.md that the linter cannot count.
const (
	maxFileLines = 400
	minTestRatio = 0.8
)
