#!/usr/bin/env bash
# Usage: scripts/fuzz.sh [DURATION]
# Runs every fuzz target of the module for DURATION (10s by default), one after
# another, and fails when one finds something. What it found stays in the
# package's testdata/fuzz: commit it with the correction.
set -euo pipefail

duration=${1:-10s}
case "$duration" in
[0-9]*[smhx]) ;;
*)
	echo "fuzz.sh: $duration is no duration such as 10s or 2m" >&2
	exit 2
	;;
esac

cd "$(dirname "$0")/.."
found=0
failed=()
while IFS=: read -r file target; do
	found=$((found + 1))
	package="./$(dirname "$file")"
	echo "fuzz $package $target for $duration"
	go test -tags sqlite_fts5 -run '^$' -fuzz "^$target\$" -fuzztime "$duration" "$package" || failed+=("$package $target")
done < <(git ls-files -co --exclude-standard -- '*_test.go' | xargs -r grep -Ho '^func Fuzz[A-Za-z0-9_]*' | sed 's/:func /:/' | sort)

echo "$found fuzz targets, ${#failed[@]} failed"
if [ ${#failed[@]} -gt 0 ]; then
	printf '  %s\n' "${failed[@]}" >&2
	exit 1
fi
