#!/usr/bin/env bash
# Usage: scripts/check-clients.sh
# Lints the OpenAPI document of a server with redocly and spectral, generates its
# clients with oapi-codegen, ogen, openapi-typescript, and hey-api, and runs each,
# and one with axios, against the server: they sign in and list 1,000 users. Compares
# the answers to random filters with scim2-parse-filter.
set -euo pipefail

cd "$(dirname "$0")/.."
scripts/need.sh curl
command -v npm >/dev/null || { echo "missing: npm. Install Node.js 20 or later and run this again." >&2; exit 1; }

work=$(mktemp -d)
server=
stop() {
	[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
	rm -rf "$work"
}
trap stop EXIT

# A server with a database of its own, which needs an API token.
CGO_ENABLED=0 go build -o "$work/roster" .
port=$(node -e 's = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
roster() (cd "$work" && exec env -i PATH="$PATH" LOG_DIR= API_PERMISSION=DjangoModelPermissions ROSTER_SUPERUSER_PASSWORD=correct-horse-battery ./roster "$@")
roster migrate >/dev/null
roster createsuperuser --noinput --username boss >/dev/null
ROSTER_TOKEN=$(roster token create boss --name clients --scope users:write --expires 1h 2>/dev/null)
export ROSTER_TOKEN
roster serve --bind "127.0.0.1:$port" >"$work/out" 2>&1 &
server=$!
url=http://127.0.0.1:$port
curl -sS --retry 60 --retry-delay 1 --retry-all-errors --fail -o /dev/null "$url/readyz" 2>/dev/null || { cat "$work/out" >&2; exit 1; }

cd tools/clients
stamp=node_modules/.installed
cmp -s package-lock.json "$stamp" || { npm ci --no-audit --no-fund --ignore-scripts --loglevel=error && cp package-lock.json "$stamp"; }
rm -rf gen && mkdir -p gen/oapi
curl -sS --fail -o gen/openapi.json "$url/openapi.json"

export NO_COLOR=1 REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
npx --no-install redocly lint gen/openapi.json
npx --no-install spectral lint gen/openapi.json --fail-severity=error
npx --no-install openapi-typescript gen/openapi.json -o gen/types.ts
npx --no-install openapi-ts -i ./gen/openapi.json -o gen/hey -c @hey-api/client-fetch
npx --no-install tsc -p .
go tool oapi-codegen -generate types,client -package oapi -o gen/oapi/oapi.go gen/openapi.json
go tool ogen --loglevel error --target gen/ogenapi --package ogenapi --clean gen/openapi.json

node gen/js/axios.js "$url" # creates the 1,000 users that the others list
go run ./oapi "$url"
go run ./ogenapi "$url"
node gen/js/fetch.js "$url"
node gen/js/hey.js "$url"
node gen/js/filter.js "$url"
echo "all clients work"
