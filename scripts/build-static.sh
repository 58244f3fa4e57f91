#!/usr/bin/env bash
# Usage: scripts/build-static.sh OUTPUT [VERSION]
# Builds the binary for containers and packages: the fast SQLite driver, linked
# statically, so that it runs where nothing else is installed. glibc's resolver
# and user database, and SQLite's extensions, would load libraries when it
# runs; Go's own take their place, and extensions are left out.
set -euo pipefail

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	sed -n 's/^# \(Usage: .*\)/\1/p' "$0" >&2
	exit 2
fi
output=$(realpath -m "$1")
version=${2:-unknown}

cd "$(dirname "$0")/.."
CGO_ENABLED=1 go build -trimpath -buildvcs=false \
	-tags 'mattn fts5 sqlite_omit_load_extension netgo osusergo' \
	-ldflags "-s -w -buildid= -linkmode external -extldflags '-static -Wl,--build-id=none' -X roster/internal/cli.version=$version" \
	-o "$output" .
