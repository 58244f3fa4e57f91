#!/usr/bin/env bash
# Usage: deploy/kubernetes/deploy.sh OVERLAY [kubectl options]
# Installs or upgrades Roster: migrates the database once, waits, then replaces the
# pods one after another. Stops at the first failure; the pods then still run the
# previous version. KUBECTL is the program (kubectl).
set -euo pipefail

[ $# -ge 1 ] || {
	echo "usage: deploy/kubernetes/deploy.sh OVERLAY [kubectl options]" >&2
	exit 2
}
overlay=$1
shift
kubectl=("${KUBECTL:-kubectl}" "$@")
namespace=$(sed -n 's/^namespace: *//p' "$overlay/kustomization.yaml")
kubectl+=(--namespace "${namespace:-default}")

# Everything but the workloads, with the migration: a finished Job cannot change.
"${kubectl[@]}" delete job roster-migrate --ignore-not-found
"${kubectl[@]}" apply -k "$overlay" --selector 'app.kubernetes.io/component notin (web, worker, beat)'
until case $("${kubectl[@]}" get job roster-migrate -o 'jsonpath={.status.conditions[?(@.status=="True")].type}') in
	*Failed*)
		"${kubectl[@]}" logs job/roster-migrate >&2
		exit 1
		;;
	*Complete*) true ;;
	*) false ;;
	esac do
	sleep 2
done
"${kubectl[@]}" apply -k "$overlay"
for name in web worker beat; do
	"${kubectl[@]}" rollout status "deployment/roster-$name" --timeout=15m
done
