#!/usr/bin/env bash
# Usage: scripts/redis.sh start | stop | kill9 | status | install
# A Redis server for the tests, on 127.0.0.1, which keeps nothing on the disk.
# start prints its URL, also of a server that runs already; kill9 ends it at once;
# install only makes sure that the program is there.
#
# It runs the redis-server, or else the valkey-server, on the PATH. Where there
# is neither, it installs Debian's package as root.
#
# TEST_REDIS_URL       a server that is there already: start prints this, and
#                      nothing is started or ended
# ROSTER_REDIS_PORT    the port, 13379
# ROSTER_REDIS_STATE   the folder of this server's files, log and process id;
#                      ${XDG_CACHE_HOME:-~/.cache}/roster-redis/<ROSTER_REDIS_PORT>
# ROSTER_REDIS_CONFIG  a file of configuration, such as that of a sentinel; none
# ROSTER_REDIS_OPTIONS more options of redis-server, separated by spaces
# ROSTER_REDIS_WAIT    seconds that a start or an end may take, 300
set -euo pipefail
umask 022

say() { printf 'redis: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}
need() { command -v "$1" >/dev/null || die "needs the program $1, which is not on the PATH"; }

port=${ROSTER_REDIS_PORT:-13379}
state=${ROSTER_REDIS_STATE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/roster-redis/$port}
limit=${ROSTER_REDIS_WAIT:-300}
[[ $state == /* && ! $state =~ [[:space:]] ]] || die 'ROSTER_REDIS_STATE is an absolute path without spaces'

# find_program sets server to the program, which it installs where there is none.
find_program() {
	need flock
	server=$(command -v redis-server || command -v valkey-server) && return
	exec 8>"${TMPDIR:-/tmp}/roster-redis-install.lock"
	flock 8 # one at a time installs
	if ! command -v redis-server >/dev/null; then
		install_program
	fi
	exec 8>&-
	server=$(command -v redis-server) || die 'there is no redis-server and no valkey-server on the PATH: install either, or set TEST_REDIS_URL'
}

# install_program keeps the package from starting a server of its own.
install_program() {
	local policy=/usr/sbin/policy-rc.d made=
	if [ "$(id -u)" = 0 ] && [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
		made=yes
	fi
	"$(dirname "$0")/need.sh" redis-server >&2 || true
	[ -z "$made" ] || rm -f "$policy"
}

# alive reports whether the server of $state runs, and sets pid. A process that
# got a dead server's number is not it.
alive() {
	pid=
	read -r pid 2>/dev/null <"$state/pid" || return 1
	[ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$state" ] && grep -qaE '(redis|valkey)-server' "/proc/$pid/cmdline" 2>/dev/null
}

# answers reports whether the server responds, even if only to require a password.
answers() {
	local line
	(
		exec 3<>"/dev/tcp/127.0.0.1/$port"
		printf 'PING\r\n' >&3
		read -r -t 5 line <&3
		[[ $line == +PONG* || $line == -NOAUTH* || $line == -DENIED* ]]
	) 2>/dev/null
}

launch() {
	local options=() first=(--save '' --appendonly no) # a configuration file decides instead
	[ -z "${ROSTER_REDIS_CONFIG:-}" ] || first=("$ROSTER_REDIS_CONFIG")
	read -r -a options <<<"${ROSTER_REDIS_OPTIONS:-}" || true
	: >"$state/log"
	cd "$state"
	setsid "$server" "${first[@]}" --bind 127.0.0.1 --port "$port" --dir "$state" \
		"${options[@]}" </dev/null >"$state/log" 2>&1 9>&- &
	pid=$!
	echo "$pid" >"$state/pid"
	disown "$pid"
}

start() {
	local deadline
	need setsid
	mkdir -p "$state"
	find_program
	exec 9>"$state/lock"
	flock 9 # one at a time starts this server
	if ! alive; then
		launch
		say "Redis runs on port $port; \"scripts/redis.sh stop\" ends it"
	fi
	deadline=$((SECONDS + limit))
	until answers; do
		kill -0 "$pid" 2>/dev/null || die "the server ended before it answered: $(grep -aE 'FATAL|>>>|[Ee]rror|in use' "$state/log" | tail -n 1 | cut -c 1-300) (see $state/log)"
		[ "$SECONDS" -lt "$deadline" ] || die "the server does not answer after $limit s: see $state/log"
		sleep 0.02
	done
	printf 'redis://127.0.0.1:%s/0\n' "$port"
}

# end sends the signal and waits for the process to be gone.
end() { # SIGNAL
	local deadline
	kill "-$1" "$pid"
	kill -CONT "$pid" 2>/dev/null || true # a stopped process would not receive the other signal
	deadline=$((SECONDS + limit))
	while alive; do
		[ "$SECONDS" -lt "$deadline" ] || die "the server (process $pid) does not end within $limit s"
		sleep 0.02
	done
	rm -f "$state/pid"
}

case ${1:-} in
start | stop | kill9 | status | install) [ $# = 1 ] || set -- usage ;;
*) set -- usage ;;
esac
if [ "$1" = usage ]; then
	sed -n 's/^# \(Usage: .*\)/\1/p' "$0" >&2
	exit 2
fi
if [ -n "${TEST_REDIS_URL:-}" ]; then
	[ "$1" = kill9 ] && die 'the server of TEST_REDIS_URL is not ours to kill'
	[ "$1" = stop ] || [ "$1" = install ] || printf '%s\n' "$TEST_REDIS_URL"
	exit 0
fi
case $1 in
install) find_program ;;
start) start ;;
stop) ! alive || end TERM ;;
kill9)
	alive || die "no server runs on port $port"
	end KILL
	;;
status)
	alive || { echo "no server runs on port $port" && exit 3; }
	echo "process $pid on port $port, data and log in $state"
	;;
esac
