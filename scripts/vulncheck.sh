#!/usr/bin/env bash
# Usage: scripts/vulncheck.sh [PACKAGE...]
#        scripts/vulncheck.sh --refresh CLONE
# Checks for known vulnerabilities that the product calls, using the copy of the Go
# vulnerability database in tools/vulndb: it needs no network, and the result is the
# same everywhere. --refresh updates the copy from a git clone of
# github.com/golang/vulndb.
set -euo pipefail

cd "$(dirname "$0")/.."
archive=tools/vulndb/osv.tar.gz
stamp=tools/vulndb/VERSION

refresh() {
	git -C "$1" archive --format=tar HEAD:data/osv | gzip -9n >"$archive"
	git -C "$1" log -1 --date=format:%Y-%m-%d --format='%cd %H' HEAD >"$stamp"
	echo "tools/vulndb now has the state of $(cat "$stamp")"
}

if [ "${1:-}" = --refresh ]; then
	[ $# -eq 2 ] || {
		echo "usage: scripts/vulncheck.sh --refresh CLONE" >&2
		exit 2
	}
	refresh "$2"
	exit
fi

database=$(mktemp -d)
trap 'rm -rf "$database"' EXIT
tar -xzf "$archive" -C "$database"
read -r date _ <"$stamp"
echo "govulncheck with the advisories known on $date (newer ones: scripts/vulncheck.sh --refresh CLONE)"
[ $# -gt 0 ] || set -- ./...
go tool -modfile=tools/go.mod govulncheck -db "file://$database" -tags mattn,fts5 "$@"
