#!/usr/bin/env bash
# Usage: scripts/test-deb.sh BINARY
# Installs the package on this machine as root, and removes it: install, upgrade
# with a changed settings file, remove, purge. Runs the program as the package's
# user in between. Refuses to run if Roster is already installed.
set -euo pipefail

fail() {
	echo "test-deb: $*" >&2
	exit 1
}
[ $# -eq 1 ] || fail "usage: scripts/test-deb.sh BINARY"
[ "$(id -u)" -eq 0 ] || fail "needs root, to install a package"
! dpkg-query -W roster >/dev/null 2>&1 || fail "a package roster is installed here; try it elsewhere"
! getent passwd roster >/dev/null || fail "a user roster exists here; try it elsewhere"

cd "$(dirname "$0")/.."
work=$(mktemp -d)
server=
cleanup() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	dpkg --purge roster >/dev/null 2>&1 || true
	rm -rf "$work"
}
trap cleanup EXIT

# is FILE "OWNER:GROUP MODE" fails unless the file has that owner, group, and mode.
is() {
	local got
	got=$(stat -c '%U:%G %a' "$1") || fail "$1 is missing"
	[ "$got" = "$2" ] || fail "$1: got $got, want $2"
}

scripts/deb.sh v0.0.1 "$work/old" "$1" >/dev/null
scripts/deb.sh v0.0.2 "$work/new" "$1" >/dev/null
old=("$work"/old/*.deb) new=("$work"/new/*.deb)
dpkg-deb -W "${old[0]}" | grep -qx "roster.0\.0\.1" || fail "got version $(dpkg-deb -W "${old[0]}")"

command -v adduser >/dev/null || scripts/need.sh adduser
dpkg -i "${old[0]}" >/dev/null
is /usr/bin/roster "root:root 755"
is /etc/roster/roster.env "root:roster 640"
is /var/lib/roster "roster:roster 700"
is /var/backups/roster "roster:roster 700"
is /usr/lib/roster/upgrade "root:root 755"
is /lib/systemd/system/roster-web@.service "root:root 644"
ls /usr/share/roster/static/css/roster.*.css.gz >/dev/null || fail "no static files"
man -w roster >/dev/null 2>&1 || [ -s /usr/share/man/man1/roster.1.gz ] || fail "no manual page"

# The service's command, as its user and with its settings.
(
	cd /var/lib/roster
	exec setpriv --reuid roster --regid roster --clear-groups --no-new-privs \
		/usr/bin/roster --env-file /etc/roster/roster.env serve --bind 127.0.0.1:18080
) >"$work/log" 2>&1 &
server=$!
for _ in $(seq 100); do
	roster healthcheck http://127.0.0.1:18080 >/dev/null 2>&1 && break
	kill -0 "$server" 2>/dev/null || fail "the server ended: $(cat "$work/log")"
	sleep 0.1
done
roster healthcheck http://127.0.0.1:18080 >/dev/null || fail "the server is not ready: $(cat "$work/log")"
is /var/lib/roster/db.sqlite3 "roster:roster 600"

# as_roster COMMAND... runs a command with the settings of the services.
as_roster() {
	(cd / && setpriv --reuid roster --regid roster --clear-groups --no-new-privs /usr/bin/roster --env-file /etc/roster/roster.env "$@")
}
echo 'DEFAULT_FROM_EMAIL=Roster <users@example.com>' >>/etc/roster/roster.env
as_roster check >"$work/check" || fail "check with the settings of the services: $(cat "$work/check")"
as_roster task run backup >"$work/backup" || fail "a backup: $(cat "$work/backup")"
ls /var/backups/roster/roster-*.backup >/dev/null || fail "no backup in BACKUP_DIR"
kill "$server"
wait "$server" || fail "the server ended badly: $(cat "$work/log")"
server=

echo "PAGE_SIZE=25" >>/etc/roster/roster.env
dpkg -i --force-confold "${new[0]}" >/dev/null
dpkg-query -W roster | grep -q '0\.0\.2' || fail "not upgraded"
grep -qx PAGE_SIZE=25 /etc/roster/roster.env || fail "an upgrade lost the settings"
is /etc/roster/roster.env "root:roster 640"

# The script of upgrades migrates, then restarts what runs, one after another; if
# it cannot migrate, it restarts nothing. A stand-in records what systemctl does.
mkdir "$work/bin"
cat >"$work/bin/systemctl" <<-EOS
	#!/bin/sh
	case "\$1" in
	list-units) printf '%s loaded active running x\n' roster-web@8000.service roster-worker.service ;;
	*) echo "\$*" >>"$work/calls" ;;
	esac
EOS
chmod +x "$work/bin/systemctl"
PATH=$work/bin:$PATH /usr/lib/roster/upgrade >/dev/null
[ "$(cat "$work/calls")" = $'restart roster-web@8000.service\nrestart roster-worker.service' ] || fail "an upgrade ran: $(cat "$work/calls")"
rm "$work/calls"
sed -i 's#^DB_NAME=.*#DB_NAME=/var/lib/roster/absent/db.sqlite3#' /etc/roster/roster.env
if PATH=$work/bin:$PATH /usr/lib/roster/upgrade >/dev/null 2>"$work/refusal" || [ -e "$work/calls" ]; then fail "an upgrade went on without its migration"; fi
grep -q "still run the previous version" "$work/refusal" || fail "the refusal says: $(cat "$work/refusal")"

dpkg -r roster >/dev/null
[ ! -e /usr/bin/roster ] || fail "remove left the program"
[ -e /etc/roster/roster.env ] || fail "remove took the settings"
dpkg --purge roster >"$work/purge"
grep -q "holds data and is left" "$work/purge" || fail "purge did not say that data is left"
[ -e /var/lib/roster/db.sqlite3 ] || fail "purge took the data"

# Again, with nothing stored: nothing is left.
rm -rf /var/lib/roster /var/backups/roster
dpkg -i "${new[0]}" >/dev/null
dpkg --purge roster >/dev/null
for left in /usr/lib/roster /var/backups/roster /etc/roster /var/lib/roster /usr/share/roster /usr/bin/roster; do
	[ ! -e "$left" ] || fail "purge left $left"
done
! getent passwd roster >/dev/null || fail "purge left the user"
echo "test-deb: installed, run, upgraded, removed and purged"
