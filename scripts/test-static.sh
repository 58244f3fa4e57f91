#!/usr/bin/env bash
# Usage: scripts/test-static.sh BINARY
# Tests without an engine what the Dockerfile's last stage relies on: the binary is
# static; alone in a directory with its data directory it starts as an unprivileged
# user without a name, passes its health check, and stops cleanly. Needs root, for
# chroot.
set -euo pipefail

fail() {
	echo "test-static: $*" >&2
	exit 1
}
[ $# -eq 1 ] || fail "usage: scripts/test-static.sh BINARY"
[ "$(id -u)" -eq 0 ] || fail "needs root, for chroot"
if readelf -ld "$1" | grep -qE 'INTERP|NEEDED'; then fail "$1 needs libraries"; fi

root=$(mktemp -d)
server=
cleanup() {
	[ -z "$server" ] || kill -9 "$server" 2>/dev/null || true
	rm -rf "$root"
}
trap cleanup EXIT
chmod 0755 "$root"
install -m 0755 "$1" "$root/roster"
install -d -o 65532 -g 65532 -m 0700 "$root/data"

# As the image runs it.
inside=(env -i PATH="$PATH" LOG_DIR= LOG_FORMAT=json DB_NAME=/data/db.sqlite3 ALLOWED_HOSTS=localhost 
	SECRET_KEY=q3v9Zt5Lw8Rk1Yx7Pb2Nc4Md6Hf0Gj-T SHUTDOWN_DELAY=1 
	chroot --userspec=65532:65532 "$root" /roster)
"${inside[@]}" serve --bind 0.0.0.0:18081 2>"$root/log" &
server=$!
ready=
for _ in $(seq 100); do
	! "${inside[@]}" healthcheck http://127.0.0.1:18081 >/dev/null 2>&1 || ready=1
	[ -z "$ready" ] || break
	kill -0 "$server" 2>/dev/null || fail "the server ended: $(cat "$root/log")"
	sleep 0.1
done
[ -n "$ready" ] || fail "the server is not ready: $(cat "$root/log")"
[ "$(stat -c %u "$root/data/db.sqlite3")" = 65532 ] || fail "the data is not the user's"
kill "$server"
wait "$server" || fail "the server ended badly: $(cat "$root/log")"
server=
grep -q '"msg":"stopped"' "$root/log" || fail "the server did not stop in order: $(cat "$root/log")"
echo "test-static: static, ready and stopped as 65532 in an empty folder"
