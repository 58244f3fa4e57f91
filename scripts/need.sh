#!/usr/bin/env bash
# Usage: scripts/need.sh COMMAND...
# Ensures that the commands exist. On Debian, as root, it installs missing ones;
# otherwise it prints what to install, and fails.
set -euo pipefail

# package_of names the Debian package of a command.
package_of() {
	case "$1" in
	gcc) echo "gcc libc6-dev" ;;
	python3) echo "python3 python3-venv" ;;
	chromium) echo chromium-headless-shell ;;
	promtool) echo "prometheus" ;;
	systemd-analyze) echo systemd ;;
	*) echo "$1" ;;
	esac
}

# works reports whether a command can be used: gcc also needs the C library's
# headers, python3 its virtual environments, and Chromium may be the program
# without windows, which is faster.
works() {
	command -v "$1" >/dev/null || { [ "$1" = chromium ] && command -v chromium-headless-shell >/dev/null; } || return 1
	[ "$1" != python3 ] || python3 -c 'import ensurepip, venv' 2>/dev/null || return 1
	[ "$1" != gcc ] || echo '#include <stdlib.h>' | gcc -E - >/dev/null 2>&1
}

# install_packages installs with apt-get, refreshing its lists only if necessary.
install_packages() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 && return
	apt-get update -qq >/dev/null 2>&1 || true
	apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

if [ $# -eq 0 ]; then
	sed -n 's/^# \(Usage: .*\)/\1/p' "$0" >&2
	exit 2
fi

missing=()
packages=()
for name in "$@"; do
	if ! works "$name"; then
		missing+=("$name")
		read -ra more <<<"$(package_of "$name")"
		packages+=("${more[@]}")
	fi
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
	echo "missing: ${missing[*]}. Install the package(s) ${packages[*]} (on Debian: sudo apt-get install ${packages[*]}) and run this again." >&2
	exit 1
fi
echo "installing ${packages[*]} with apt-get"
install_packages "${packages[@]}" || true
for name in "${missing[@]}"; do
	if ! works "$name"; then
		echo "apt-get could not provide $name: install it by hand and run this again." >&2
		exit 1
	fi
done
