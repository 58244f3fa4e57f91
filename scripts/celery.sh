#!/usr/bin/env bash
# Usage: scripts/celery.sh install
# Django and Celery for the tests that run them beside Roster. install makes a
# virtual environment with e2e/testdata/django/requirements.txt, unless there is
# one, and prints the path of its python, the value for TEST_DJANGO_PYTHON.
set -euo pipefail

[ "${1:-}" = install ] || {
	sed -n 's/^# \(Usage: .*\)/\1/p' "$0" >&2
	exit 2
}

cd "$(dirname "$0")/.."
wanted=e2e/testdata/django/requirements.txt
folder=${XDG_CACHE_HOME:-${HOME:?}/.cache}/roster-celery/$(sha256sum "$wanted" | cut -c1-12)
python=$folder/bin/python

mkdir -p "$(dirname "$folder")"
exec 8>"$folder.lock"
flock 8 # one at a time installs
if [ ! -e "$folder/complete" ]; then
	scripts/need.sh python3 >&2
	rm -rf "$folder"
	python3 -m venv "$folder" >&2
	"$python" -m pip install --quiet --disable-pip-version-check --requirement "$wanted" >&2
	touch "$folder/complete"
fi
echo "$python"
