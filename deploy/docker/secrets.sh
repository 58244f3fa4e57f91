#!/usr/bin/env bash
# Usage: deploy/docker/secrets.sh [HOST]
# Makes what compose.yml reads from files and does not bring: random secrets, and
# a certificate for HOST (localhost) that no browser trusts, until you put your
# own into tls/. What is there already is left alone.
set -euo pipefail

host=${1:-localhost}
cd "$(dirname "$0")"
umask 022 # containers read the files as users of their own
mkdir -p secrets tls
chmod 0711 secrets # nobody else on this machine lists them
for name in secret_key db_password db_root_password; do
	[ -s "secrets/$name" ] || openssl rand -hex 32 | tr -d '\n' >"secrets/$name"
done
[ -s tls/roster.crt ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 \
	-subj "/CN=$host" -addext "subjectAltName=DNS:$host" -keyout tls/roster.key -out tls/roster.crt 2>/dev/null
echo "deploy/docker/secrets and deploy/docker/tls are there"
