# Roster's commands. "make" alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME ?= 10s
ARGS ?=

# mattn selects the fast SQLite driver, mattn/go-sqlite3, which needs a C compiler;
# without it the build uses the driver in Go. fts5 compiles FTS5 into the fast
# driver, for triggers of Django's databases; the other always has it.
TAGS := -tags mattn,fts5
TOOL := go tool -modfile=tools/go.mod
# Prints which package or test has finished, and failures as they happen.
GOTESTSUM := $(TOOL) gotestsum --hide-summary=skipped --format
# Prints a step of a long target, with the time.
STEP := @printf '\n== %(%H:%M:%S)T %s\n' -1
# What the other driver of SQLite could change: the packages below the queries,
# without their tests on MySQL.
OTHER_DRIVER := -skip '(?i)mysql|^Test.*/^mysql$$' ./internal/store ./internal/store/sqlite ./internal/store/index
# Many tests wait for servers, leases and disks rather than for a processor, so more
# run at once than there are processors. They wait for events, whatever time those
# take: the limit ends a test that hangs.
AS_ALWAYS := -vet=off -shuffle=on -p 4 -parallel 4 -timeout 40m
# Collects garbage less often, which costs memory and saves processor time: a sixth in
# the tests of internal/auth. With cgo, all tests share most of what is compiled.
test race-packages race-program: export GOGC ?= 200
test race-packages race-program: export CGO_ENABLED = 1
# Runs a command with a MySQL server, started where TEST_MYSQL_DSN names none.
# Tests start servers of Redis of their own, with scripts/redis.sh.
WITH_MYSQL := dsn=$$(scripts/mysql.sh start); TEST_MYSQL_DSN=$$dsn
SCRIPTS := $(wildcard scripts/*.sh deploy/docker/*.sh deploy/deb/p*) .ci/run

.PHONY: help
help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

.PHONY: build
build: need-gcc ## build the release binary bin/roster
	CGO_ENABLED=1 go build $(TAGS) -trimpath -ldflags "-s -w -X roster/internal/cli.version=$(VERSION)" -o bin/roster .

.PHONY: run
run: build ## build, then serve on http://127.0.0.1:8000 (ARGS="--bind 127.0.0.1:9000" for more)
	bin/roster serve $(ARGS)

.PHONY: test
test: need-tests ## run every test, with MySQL, Redis, a browser, and both SQLite drivers
	$(STEP) 'Packages, with the C driver of SQLite. The first run compiles for some minutes.'
	$(WITH_MYSQL) $(GOTESTSUM) pkgname-and-test-fails -- $(AS_ALWAYS) $(TAGS) ./internal/...
	$(STEP) 'Storage, with the Go driver of SQLite.'
	$(WITH_MYSQL) $(GOTESTSUM) pkgname-and-test-fails -- $(AS_ALWAYS) $(OTHER_DRIVER)
	$(STEP) 'The whole program: servers, commands, crashes, pages in a browser.'
	$(WITH_MYSQL) $(GOTESTSUM) testname -- $(AS_ALWAYS) -parallel 8 ./e2e

.PHONY: race
race: race-packages race-program ## run the tests with the race detector

.PHONY: race-packages
race-packages: need-tests
	$(STEP) 'Packages, with the race detector. The first run compiles for some minutes.'
	$(WITH_MYSQL) $(GOTESTSUM) pkgname-and-test-fails -- -race $(AS_ALWAYS) $(TAGS) $(ARGS) ./internal/...

.PHONY: race-program
race-program: need-tests ## run the tests of the whole program on one with the race detector (ARGS="-count=3" for more)
	$(STEP) 'The whole program, with the race detector.'
	go build -race $(TAGS) -o .cache/roster-race .
	$(WITH_MYSQL) ROSTER_RACED=$(CURDIR)/.cache/roster-race $(GOTESTSUM) testname -- $(AS_ALWAYS) $(ARGS) ./e2e

.PHONY: fuzz
fuzz: need-gcc ## run every fuzz target for FUZZTIME (10s)
	scripts/fuzz.sh $(FUZZTIME)

.PHONY: drill
drill: need-gcc need-redis ## run the long failure drills: kills, full disks, restores, Celery beside Roster
	python=$$(scripts/celery.sh install); $(WITH_MYSQL) TEST_DJANGO_PYTHON=$$python ROSTER_DRILL=long CGO_ENABLED=1 go test -count=1 -timeout 150m -v -run 'Drill|Django' $(TAGS) ./e2e/... ./internal/store/mysql ./internal/store/sqlite

# The server that the tests share leaves it to the system when commits are on the
# disk; this one has them there before it answers, as SQLite here and MySQL by default.
.PHONY: bench
bench: export ROSTER_MYSQL_PORT ?= 13317
bench: export ROSTER_REDIS_PORT ?= 13380
bench: export ROSTER_MYSQL_OPTIONS ?= --innodb-doublewrite=ON --innodb-flush-log-at-trx-commit=1 --innodb-flush-method=O_DIRECT --innodb-redo-log-capacity=256M --innodb-buffer-pool-size=1G
bench: need-gcc ## measure SQLite and MySQL, and Redis between workers, against a floor of the same run
	trap 'scripts/mysql.sh stop; scripts/redis.sh stop' EXIT; url=$$(scripts/redis.sh start); $(WITH_MYSQL) TEST_REDIS_URL=$$url CGO_ENABLED=1 go run $(TAGS) ./bench $(ARGS)

.PHONY: cover
cover: need-gcc ## show the share of statements that tests reach
	mkdir -p .cache
	$(WITH_MYSQL) CGO_ENABLED=1 go test $(TAGS) -coverpkg ./internal/... -coverprofile .cache/cover.out ./...
	go tool cover -func .cache/cover.out | tail -n 1
	@echo "by line: go tool cover -html .cache/cover.out"

.PHONY: check
check: format vet lint arch tidy deadcode vulncheck shellcheck ## check everything but behavior

.PHONY: format
format: ## fail on files that gofmt would change
	@files=$$(gofmt -l $$(git ls-files -co --exclude-standard -- '*.go')); \
	if [ -n "$$files" ]; then echo "$$files"; echo "format: run gofmt -w on these files" >&2; exit 1; fi

.PHONY: vet
vet: need-gcc ## run go vet with either SQLite driver
	go vet $(TAGS) ./...
	go vet ./...

.PHONY: lint
lint: need-gcc ## run the linters (the first run builds them: two minutes)
	$(TOOL) golangci-lint run

.PHONY: arch
arch: ## check the import table and the limits of docs/architecture.md
	go test -count=1 ./internal/arch

.PHONY: tidy
tidy: ## fail when go.mod and go.sum are not tidy
	go mod tidy -diff

.PHONY: deadcode
deadcode: need-gcc ## fail on functions that nothing calls
	scripts/deadcode.sh

.PHONY: vulncheck
vulncheck: need-gcc ## fail on known vulnerabilities that the product calls
	scripts/vulncheck.sh

.PHONY: shellcheck
shellcheck: ## check the scripts
	@scripts/need.sh shellcheck
	shellcheck $(SCRIPTS)

.PHONY: check-clients
check-clients: ## lint the OpenAPI document, and run clients of four generators against a server (needs Node.js 20)
	scripts/check-clients.sh

.PHONY: check-monitoring
check-monitoring: ## check alerts, their tests and live figures with promtool
	scripts/check-monitoring.sh

.PHONY: check-deploy
check-deploy: need-gcc ## check what is under deploy/, with the tools that read it (ARGS="compose deb" for pieces)
	scripts/check-deploy.sh $(ARGS)

.PHONY: release
release: ## build the archives of a release, SBOM and checksums into dist/
	scripts/release.sh $(VERSION) dist

.PHONY: deb
deb: need-gcc ## build the Debian package into dist/
	scripts/deb.sh $(VERSION) dist

.PHONY: clean
clean: ## remove what the commands above made
	rm -rf bin dist .cache

.PHONY: need-tests # the programs that the tests drive
need-tests: need-redis
	@scripts/need.sh gcc chromium sqlite3 nginx

.PHONY: need-redis
need-redis:
	@scripts/redis.sh install

.PHONY: need-gcc
need-gcc:
	@scripts/need.sh gcc

.DEFAULT:
	@echo "there is no command 'make $@'; 'make help' lists them" >&2; exit 2
