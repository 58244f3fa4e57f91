#!/usr/bin/env bash
# Usage: scripts/deadcode.sh
# Fails if a function is unreachable from programs and tests, with either SQLite
# driver.
set -euo pipefail

cd "$(dirname "$0")/.."
dead=0
for tags in mattn,fts5 ""; do
	lines=$(go tool -modfile=tools/go.mod deadcode -test -tags "$tags" ./...)
	[ -z "$lines" ] && continue
	dead=1
	echo "$lines" >&2
done
if [ "$dead" -ne 0 ]; then
	echo "deadcode: delete what nothing calls" >&2
	exit 1
fi
