#!/usr/bin/env bash
# Usage: scripts/deb.sh VERSION OUTPUT-DIR [BINARY]
# Builds the Debian package for this machine's architecture. Without BINARY the
# program is built, statically. VERSION may be what git describe says.
set -euo pipefail

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
	sed -n 's/^# \(Usage: .*\)/\1/p' "$0" >&2
	exit 2
fi
output=$(realpath -m "$2")
binary=${3:+$(realpath "$3")}
cd "$(dirname "$0")/.."

# Debian versions begin with a digit; v1.2.3-4-gabcdef is 1.2.3+4.gabcdef.
VERSION=${1#v}
case $VERSION in
[0-9]*.[0-9]*) VERSION=$(sed 's/-/+/; s/-/./g' <<<"$VERSION") ;;
*) VERSION="0~git.${VERSION//-/.}" ;;
esac
ARCH=$(go env GOARCH)
STAGE=$(mktemp -d)
trap 'rm -rf "$STAGE"' EXIT
export VERSION ARCH STAGE

if [ -n "$binary" ]; then
	cp "$binary" "$STAGE/roster"
else
	scripts/build-static.sh "$STAGE/roster" "$1"
fi
"$STAGE/roster" collectstatic "$STAGE/static" >/dev/null
"$STAGE/roster" man | gzip -9n >"$STAGE/roster.1.gz"
"$STAGE/roster" completion bash >"$STAGE/roster.bash"
"$STAGE/roster" completion zsh >"$STAGE/_roster"
"$STAGE/roster" completion fish >"$STAGE/roster.fish"

mkdir -p "$output"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH
go tool -modfile=tools/deploy/go.mod nfpm package --config deploy/deb/nfpm.yaml --packager deb --target "$output"
