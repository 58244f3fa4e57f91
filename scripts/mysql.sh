#!/usr/bin/env bash
# Usage: scripts/mysql.sh start | stop | kill9 | status
# A MySQL server for the tests, on 127.0.0.1, where root has no password. start
# prints the address as a DSN, also of a server that runs already; kill9 ends
# the server at once, and the next start recovers what it had stored.
#
# It runs the mysqld on the PATH. Where there is none, or it is MariaDB's, it
# fetches MySQL with all that it needs (60 MB) from the suite sid of the Debian
# mirror that apt uses here, checked by apt against Debian's keys, and unpacks it
# into a folder of its own: nothing is installed.
#
# TEST_MYSQL_DSN       a server that is there already: start prints this, and
#                      nothing is started or ended
# ROSTER_MYSQL_DIR     the folder of the programs; ${XDG_CACHE_HOME:-~/.cache}/roster-mysql
# ROSTER_MYSQL_PORT    the port, 13316
# ROSTER_MYSQL_STATE   the folder of this server's data, log and process id;
#                      <ROSTER_MYSQL_DIR>/<ROSTER_MYSQL_PORT>
# ROSTER_MYSQL_OPTIONS more options of mysqld, separated by spaces
# ROSTER_MYSQL_WAIT    seconds that a start or an end may take, 300
set -euo pipefail
umask 022
unset LD_PRELOAD MYSQL_HOME MYSQL_GROUP_SUFFIX

say() { printf 'mysql: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}
need() { command -v "$1" >/dev/null || die "needs the program $1, which is not on the PATH"; }

root=${ROSTER_MYSQL_DIR:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/roster-mysql}
port=${ROSTER_MYSQL_PORT:-13316}
state=${ROSTER_MYSQL_STATE:-$root/$port}
limit=${ROSTER_MYSQL_WAIT:-300}
data=$state/data
system=$root/system # where the packages are unpacked
[[ $root == /* && $state == /* && ! "$root$state" =~ [[:space:]\"\;] ]] ||
	die 'ROSTER_MYSQL_DIR and ROSTER_MYSQL_STATE are absolute paths without spaces, quotes and semicolons'

# --- the programs ---------------------------------------------------------

# find_program sets the array mysqld to the command that runs the server, or
# fetches one. What was unpacked runs with its own dynamic loader and libraries.
find_program() {
	local found triplet
	if found=$(command -v mysqld) && ! "$found" --version | grep -qi mariadb; then
		mysqld=("$found" --no-defaults)
		return
	fi
	case $(uname -sm) in
	'Linux x86_64') arch=amd64 triplet=x86_64-linux-gnu loader=ld-linux-x86-64.so.2 ;;
	'Linux aarch64') arch=arm64 triplet=aarch64-linux-gnu loader=ld-linux-aarch64.so.1 ;;
	*) die "there is no mysqld on the PATH, and for $(uname -sm) none can be fetched: install MySQL 8.0 or later, or set TEST_MYSQL_DSN" ;;
	esac
	loader=$system/usr/lib/$triplet/$loader
	mysqld=("$loader" --inhibit-cache --library-path "$system/usr/lib/$triplet" "$system/usr/sbin/mysqld"
		--no-defaults --basedir="$system/usr" --lc-messages-dir="$system/usr/share/mysql"
		--character-sets-dir="$system/usr/share/mysql/charsets" --plugin-dir="$system/usr/lib/mysql/plugin")
	[ -e "$system/.complete" ] || fetch
}

# mirrors prints the mirrors that apt takes Debian itself from, one a line.
mirrors() {
	local codename
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && printf %s "${VERSION_CODENAME:-}")
	# shellcheck disable=SC2016 # apt fills the placeholders in
	apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
		awk -v codename="$codename" '
			$3 != "main" || $1 ~ /^cdrom:/ || seen[$1]++ { next }
			$2 == codename || $2 ~ /^(oldstable|stable|testing|unstable|sid)$/ {
				if ($1 ~ /\/debian(\/|$)/) print $1; else other = other $1 "\n"
			}
			END { printf "%s", other }'
}

# private_apt runs an apt program that keeps its state below $work.
private_apt() { APT_CONFIG=$work/apt.conf LC_ALL=C "$@" </dev/null; }

# complaint prints apt's last error, on one line.
complaint() {
	local line
	line=$(grep -E '^(E: |W: Failed|dpkg)' "$log" | grep -v 'Some index files' | tail -n 1 | cut -c 1-300) || true
	printf '%s' "${line:-see $log}"
}

configure_apt() { # MIRROR KEYRING
	mkdir -p "$work"/{state/lists/partial,cache/archives/partial,log}
	cat >"$work/sources.sources" <<-END
		Types: deb
		URIs: $1
		Suites: sid
		Components: main
		Architectures: $arch
		Targets: Packages
		Signed-By: $2
	END
	# MySQL needs perl only for scripts that no test runs: make apt believe it is installed.
	cat >"$work/state/status" <<-END
		Package: perl
		Status: install ok installed
		Maintainer: none
		Architecture: $arch
		Multi-Arch: allowed
		Version: 99
		Description: stand-in
	END
	cat >"$work/apt.conf" <<-END
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		#clear DPkg::Pre-Invoke;
		#clear DPkg::Post-Invoke;
		#clear DPkg::Pre-Install-Pkgs;
		#clear APT::Architectures;
		#clear APT::Default-Release;
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; };
		APT::Install-Recommends "0";
		APT::Install-Suggests "0";
		APT::Sandbox::User "$(id -un)";
		APT::Get::AllowUnauthenticated "0";
		APT::Get::Assume-Yes "1";
		APT::Update::Error-Mode "any";
		APT::Keep-Downloaded-Packages "1";
		Binary::apt-get::APT::Keep-Downloaded-Packages "1";
		Acquire::AllowInsecureRepositories "0";
		Acquire::AllowWeakRepositories "0";
		Acquire::AllowDowngradeToInsecureRepositories "0";
		Acquire::Languages "none";
		Acquire::PDiffs "0";
		Acquire::Retries "3";
		Dir::State "$work/state/";
		Dir::State::lists "lists/";
		Dir::State::status "$work/state/status";
		Dir::Cache "$work/cache/";
		Dir::Cache::archives "archives/";
		Dir::Log "$work/log/";
		Dir::Etc::sourcelist "$work/sources.sources";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
	END
}

# read_lists takes the first mirror that has the package.
read_lists() { # KEYRING
	local mirror
	while read -r mirror; do
		configure_apt "$mirror" "$1"
		if private_apt apt-get -q update >>"$log" 2>&1 && private_apt apt-cache show "$package" >>"$log" 2>&1; then
			return
		fi
	done < <(mirrors)
	die "no mirror that apt uses here gave $package of Debian sid: $(complaint)"
}

fetch() {
	local keyring
	grep -q '^ID=debian$' /etc/os-release 2>/dev/null ||
		die 'there is no mysqld on the PATH, and one can be fetched on Debian only: install MySQL 8.0 or later, or set TEST_MYSQL_DSN'
	need apt-get
	need dpkg
	keyring=$(find /usr/share/keyrings -name 'debian-archive-keyring.[gp][pg][gp]' 2>/dev/null | sort | head -n 1)
	[ -n "$keyring" ] || die 'no keys of Debian: install the package debian-archive-keyring'
	work=$root/apt log=$root/apt/fetch.log package=mysql-server-core
	mkdir -p "$work"
	: >"$log"
	say 'fetching MySQL from Debian'
	read_lists "$keyring"
	private_apt apt-get -q autoclean >>"$log" 2>&1 # old versions left by an interrupted start
	private_apt apt-get -q --download-only install "$package" >>"$log" 2>&1 ||
		die "the download failed (another start goes on with it): $(complaint)"
	unpack
}

# unpack extracts the downloaded packages; $system appears complete or not at all.
unpack() {
	local deb fresh=$root/system.new
	rm -rf "$fresh" "$system"
	mkdir "$fresh"
	for deb in "$work"/cache/archives/*.deb; do
		dpkg -x "$deb" "$fresh" 2>>"$log" || die "unpacking $deb failed: $(complaint)"
	done
	rm -rf "$fresh"/usr/share/{doc,man,info,lintian,bug}
	mv -T "$fresh" "$system"
	"${mysqld[@]}" --version >>"$log" 2>&1 || die "the server that was fetched does not run here: $(tail -n 1 "$log")"
	touch "$system/.complete"
	rm -rf "$work"
}

# --- the server -----------------------------------------------------------

# alive reports whether the server of $state runs, and sets pid. A process that
# got a dead server's number is not it.
alive() {
	local words=()
	pid=
	read -r pid 2>/dev/null <"$state/pid" || return 1
	mapfile -d '' -t words 2>/dev/null <"/proc/$pid/cmdline" || return 1
	[[ " ${words[*]-} " == *" --datadir=$data "* ]]
}

# reason prints the first error of a log, on one line.
reason() { # LOG
	local line
	line=$(grep -aE '\[ERROR\]|ld-linux|error while' "$1" | head -n 1 | sed -E 's/^[^[]*//' | cut -c 1-300) || true
	printf '%s' "${line:-see $1}"
}

# initialise makes the data folder, whole or not at all: a copy of an empty
# one, which each version of the server makes once.
initialise() {
	local empty
	empty=$root/empty-$("${mysqld[@]}" --version | cksum | cut -d ' ' -f 1)
	exec 8>"$root/lock"
	flock 8
	if [ ! -e "$empty" ]; then
		say 'making an empty database'
		rm -rf "$empty.new"
		"${mysqld[@]}" --user="$(id -un)" --datadir="$empty.new" --initialize-insecure --disable-log-bin \
			--innodb-flush-log-at-trx-commit=0 --loose-innodb-redo-log-capacity=16M </dev/null >"$state/log" 2>&1 ||
			die "an empty database could not be made: $(reason "$state/log")"
		mv -T "$empty.new" "$empty"
	fi
	exec 8>&-
	rm -rf "$data.new"
	cp -a --reflink=auto "$empty" "$data.new"
	rm -f "$data.new/auto.cnf" # the unique id of a server
	mv -T "$data.new" "$data"
}

# launch runs the server in the background. What it has committed outlives a
# kill, but not a loss of power: the tests need no more, and it is faster, above
# all where each test makes its tables.
launch() {
	local options=()
	read -r -a options <<<"${ROSTER_MYSQL_OPTIONS:-}" || true
	rm -f "$data"/mysqld.sock{,.lock} # a killed server leaves them behind
	: >"$state/log"
	setsid "${mysqld[@]}" --user="$(id -un)" --datadir="$data" --bind-address=127.0.0.1 --port="$port" \
		--socket=mysqld.sock --pid-file=mysqld.pid --mysqlx=OFF --secure-file-priv=NULL --max-connections=512 \
		--innodb-flush-log-at-trx-commit=2 --innodb-flush-method=nosync --loose-innodb-redo-log-capacity=16M \
		--innodb-doublewrite=OFF \
		--disable-log-bin "${options[@]}" </dev/null >"$state/log" 2>&1 9>&- &
	pid=$!
	echo "$pid" >"$state/pid"
	disown "$pid"
}

start() {
	local deadline
	need flock
	need setsid
	mkdir -p "$root" "$state"
	exec 9>"$root/lock"
	flock 9 # one at a time fetches
	find_program
	exec 9>"$state/lock"
	flock 9 # one at a time starts this server
	if ! alive; then
		[ -e "$data/mysql.ibd" ] || initialise
		launch
		say "MySQL runs on port $port; \"scripts/mysql.sh stop\" ends it"
	fi
	deadline=$((SECONDS + limit))
	until grep -aq "ready for connections.*port: $port" "$state/log"; do
		kill -0 "$pid" 2>/dev/null || die "the server ended before it answered: $(reason "$state/log")"
		[ "$SECONDS" -lt "$deadline" ] || die "the server does not answer after $limit s: see $state/log"
		sleep 0.05
	done
	printf 'root@tcp(127.0.0.1:%s)/\n' "$port"
}

# end sends the signal and waits for the process to be gone.
end() { # SIGNAL
	local deadline=$((SECONDS + limit)) threads=()
	kill "-$1" "$pid"
	kill -CONT "$pid" 2>/dev/null || true # a stopped process would not receive the other signal
	threads=("/proc/$pid/task"/*)
	while alive || [ ${#threads[@]} -gt 1 ]; do # the last thread holds the files and the port
		[ "$SECONDS" -lt "$deadline" ] || die "the server (process $pid) does not end within $limit s"
		sleep 0.05
		threads=("/proc/$pid/task"/*)
	done
	rm -f "$state/pid"
}

case ${1:-} in
start | stop | kill9 | status) [ $# = 1 ] || set -- usage ;;
*) set -- usage ;;
esac
if [ "$1" = usage ]; then
	sed -n 's/^# \(Usage: .*\)/\1/p' "$0" >&2
	exit 2
fi
if [ -n "${TEST_MYSQL_DSN:-}" ]; then
	[ "$TEST_MYSQL_DSN" != none ] || die 'TEST_MYSQL_DSN is none: this cannot be done without MySQL'
	[ "$1" = kill9 ] && die 'the server of TEST_MYSQL_DSN is not ours to kill'
	[ "$1" = stop ] || printf '%s\n' "$TEST_MYSQL_DSN"
	exit 0
fi
case $1 in
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
