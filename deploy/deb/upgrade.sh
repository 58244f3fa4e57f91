#!/bin/sh
# Usage: /usr/lib/roster/upgrade
# Migrates the database once, then restarts the running services one after
# another: each is ready before the next one stops. If the migration fails,
# nothing is restarted, and the services keep running the previous version.
set -eu
cd /var/lib/roster

if ! setpriv --reuid roster --regid roster --init-groups /usr/bin/roster --env-file /etc/roster/roster.env migrate; then
	echo "roster: the database was not migrated, and the services still run the previous version." >&2
	echo "roster: fix the cause above, then run: /usr/lib/roster/upgrade" >&2
	exit 1
fi
for unit in $(systemctl list-units --plain --no-legend --state=running 'roster-web@*.service' roster-worker.service roster-beat.service | cut -d' ' -f1); do
	echo "roster: restarting $unit"
	systemctl restart "$unit"
done
