#!/usr/bin/env bash
# Usage: scripts/fuzz.sh [DURATION]
# Runs every fuzz target of the module for DURATION (default 10s), one after
# another, and fails if one finds a failing input. The input stays in the
# package's testdata/fuzz: commit it with the fix.
set -euo pipefail

duration=${1:-10s}
case "$duration" in
[0-9]*[smhx]) ;;
*)
	echo "fuzz.sh: $duration is not a duration such as 10s or 2m" >&2
	exit 2
	;;
esac

cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# fuzz runs one target. Before Go 1.27 it may fail when the time ends while a
# worker is busy, having found nothing (https://go.dev/issue/75804): that is
# tried again. Whatever it finds, it says where it wrote the failing input.
fuzz() {
	local try
	for try in 1 2 3; do
		if go test -tags mattn,fts5 -run '^$' -fuzz "^$2\$" -fuzztime "$duration" "$1" 2>&1 | tee "$log"; then
			return 0
		fi
		if grep -q 'Failing input' "$log" || ! grep -q '^ *context deadline exceeded$' "$log"; then
			return 1
		fi
		echo "the time ended while a worker was busy, nothing was found (try $try)"
	done
	return 1
}

found=0
failed=()
while IFS=: read -r file target; do
	found=$((found + 1))
	package="./$(dirname "$file")"
	echo "fuzz $package $target for $duration"
	fuzz "$package" "$target" || failed+=("$package $target")
done < <(git ls-files -co --exclude-standard -- '*_test.go' | xargs -r grep -Ho '^func Fuzz[A-Za-z0-9_]*' | sed 's/:func /:/' | sort)

echo "$found fuzz targets, ${#failed[@]} failed"
if [ ${#failed[@]} -gt 0 ]; then
	printf '  %s\n' "${failed[@]}" >&2
	exit 1
fi
