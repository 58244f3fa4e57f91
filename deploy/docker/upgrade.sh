#!/usr/bin/env bash
# Usage: deploy/docker/upgrade.sh
# Upgrades the services of compose.yml to the image that ROSTER_IMAGE names or that
# is built from this checkout: migrates once, then replaces the services one after
# another, each when the one before it is healthy. Stops at the first failure.
set -euo pipefail

compose=(docker compose -f "$(dirname "$0")/compose.yml")
if [ -n "${ROSTER_IMAGE:-}" ]; then
	"${compose[@]}" pull migrate
else
	"${compose[@]}" build
fi
"${compose[@]}" run --rm migrate
"${compose[@]}" run --rm static
for service in app-1 app-2 worker beat; do
	"${compose[@]}" up -d --no-deps --no-build --wait "$service"
done
"${compose[@]}" up -d
