#!/usr/bin/env bash
# Usage: scripts/oidc.sh install
# The certified OpenID Connect provider of the browser tests. install installs
# e2e/testdata/oidc with Node.js, unless it is, and prints the folder, the value for
# TEST_OIDC_PROVIDER.
set -euo pipefail

[ "${1:-}" = install ] || {
	sed -n 's/^# \(Usage: .*\)/\1/p' "$0" >&2
	exit 2
}

cd "$(dirname "$0")/.."
command -v npm >/dev/null || { echo "missing: npm. Install Node.js 20 or later and run this again." >&2; exit 1; }
source=e2e/testdata/oidc
folder=${XDG_CACHE_HOME:-${HOME:?}/.cache}/roster-oidc/$(cat "$source"/* | sha256sum | cut -c1-12)

mkdir -p "$(dirname "$folder")"
exec 8>"$folder.lock"
flock 8 # one at a time installs
if [ ! -e "$folder/complete" ]; then
	rm -rf "$folder"
	cp -r "$source" "$folder"
	(cd "$folder" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2)
	touch "$folder/complete"
fi
echo "$folder"
