#!/usr/bin/env bash
# Usage: deploy/docker/secrets.sh [HOST]
# Creates the files that compose.yml needs: random secrets, and a self-signed
# certificate for HOST (localhost), until you put your own into tls/. Existing files
# are kept.
set -euo pipefail

host=${1:-localhost}
cd "$(dirname "$0")"
umask 022 # containers read the files as other users
mkdir -p secrets tls
chmod 0711 secrets # other users on this machine cannot list them
for name in secret_key db_password db_root_password; do
	[ -s "secrets/$name" ] || openssl rand -hex 32 | tr -d '\n' >"secrets/$name"
done
[ -s tls/roster.crt ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 \
	-subj "/CN=$host" -addext "subjectAltName=DNS:$host" -keyout tls/roster.key -out tls/roster.crt 2>/dev/null
echo "deploy/docker/secrets and deploy/docker/tls are there"
