#!/usr/bin/env bash
# Usage: scripts/check-monitoring.sh [BINARY]
# Checks the Prometheus example, the alerts and their tests, and the metrics of a
# running Roster with promtool. Builds the binary unless one is given.
set -euo pipefail

cd "$(dirname "$0")/.."
scripts/need.sh promtool curl

binary=${1:-}
work=$(mktemp -d)
server=
cleanup() {
	if [ -n "$server" ]; then
		kill "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	rm -rf "$work"
}
trap cleanup EXIT

(
	cd deploy/prometheus
	promtool check config prometheus.yml
	promtool test rules alerts_test.yml
)

if [ -z "$binary" ]; then
	binary=$work/roster
	go build -o "$binary" .
fi
binary=$(realpath "$binary")

(
	cd "$work"
	exec env DB_NAME=db.sqlite3 LOG_DIR= LOG_FORMAT=json METRICS_BIND=127.0.0.1:0 "$binary" serve --bind 127.0.0.1:0
) 2>"$work/log" &
server=$!
url=
for _ in $(seq 300); do
	url=$(sed -n 's/.*"serving metrics".*"url":"\([^"]*\)".*/\1/p' "$work/log")
	if [ -n "$url" ] && grep -q '"serving"' "$work/log"; then
		break
	fi
	sleep 0.1
done
if [ -z "$url" ]; then
	cat "$work/log" >&2
	echo "check-monitoring: the server exposes no metrics" >&2
	exit 1
fi
curl -fsS "$url" >"$work/figures"
promtool check metrics <"$work/figures"
echo "check-monitoring: $(grep -c '^# TYPE' "$work/figures") metric families are valid"
