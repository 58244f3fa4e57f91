#!/usr/bin/env bash
# Usage: scripts/check-deploy.sh [PIECE...]
# Checks the files under deploy/ and .github/, each with the tool that reads it.
# Without PIECE, checks all:
#
#   docker      BuildKit's planner and linter; the image's program, without an engine
#   compose     the loader of docker compose, which validates the schema
#   proxies     haproxy and caddy (nginx is tested in e2e)
#   systemd     systemd-analyze: no warnings, and an exposure of at most 2.0
#   deb         the package is installed here, run, upgraded and purged
#   kubernetes  kustomize, the types of the API itself, and the ports of network policies
#   terraform   its formatter; if terraform is installed, also the resulting objects
#   actions     actionlint; every action pinned by commit
#   reference   the manual page, and the completions in each shell
#   release     one archive from two checkouts: the same bytes
#   monitoring  scripts/check-monitoring.sh
set -euo pipefail

cd "$(dirname "$0")/.."
root=$PWD
tools=$root/.cache/deploy-tools
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { printf 'check-deploy: %s\n' "$*"; }
fail() {
	printf 'check-deploy: %s\n' "$*" >&2
	exit 1
}

# tool prints the path of a program of tools/deploy, built when it is not yet.
tool() { # NAME PACKAGE
	local stamp
	stamp=$(cat "$root"/tools/deploy/go.sum "$root"/tools/deploy/*/*.go | sha256sum | cut -c1-16)
	if [ ! -x "$tools/$1-$stamp" ]; then
		mkdir -p "$tools"
		(cd "$root/tools/deploy" && go build -o "$tools/$1-$stamp" "$2") >&2
	fi
	echo "$tools/$1-$stamp"
}

# static_binary prints the path of the program as the image and the package have it.
static_binary() {
	if [ ! -x "$work/roster" ]; then
		scripts/need.sh gcc >&2
		scripts/build-static.sh "$work/roster" v0.0.1
	fi
	echo "$work/roster"
}

check_docker() {
	"$(tool dockerfile ./dockerfile)" deploy/docker/Dockerfile
	"$(tool dockerfile ./dockerfile)" /dev/stdin <<<$'FROM scratch\ncmd x' 2>/dev/null && fail "the linter finds no fault where there is one"
	scripts/test-static.sh "$(static_binary)"
}

check_compose() {
	local file
	for file in deploy/docker/compose.yml deploy/docker/compose.dev.yml; do
		(cd deploy/docker && "$(tool compose github.com/compose-spec/compose-go/v2/cmd)" "$(basename "$file")") >"$work/compose"
		say "$file: $(grep -cE '^    [a-z0-9-]+:$' "$work/compose") services, networks and volumes"
	done
}

check_proxies() {
	scripts/need.sh haproxy caddy openssl
	openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=x -keyout "$work/key" -out "$work/crt" 2>/dev/null
	cat "$work/crt" "$work/key" >"$work/roster.pem"
	sed "s#/etc/haproxy/roster.pem#$work/roster.pem#" deploy/haproxy/haproxy.cfg >"$work/haproxy.cfg"
	haproxy -c -q -f "$work/haproxy.cfg"
	caddy validate --config deploy/caddy/Caddyfile --adapter caddyfile >"$work/caddy" 2>&1 || fail "$(cat "$work/caddy")"
	caddy fmt deploy/caddy/Caddyfile | cmp - deploy/caddy/Caddyfile
}

check_systemd() {
	local unit exposure
	scripts/need.sh systemd-analyze
	mkdir -p "$work/units"
	for unit in deploy/systemd/*; do # the program need not be installed; an instance is verified, not the template
		sed 's#/usr/bin/roster#/bin/true#' "$unit" >"$work/units/$(basename "${unit/@/@8000}")"
	done
	systemd-analyze verify --man=no "$work"/units/* 2>"$work/verify" || true
	if grep -v 'mysql.service\|redis-server.service' "$work/verify" | grep -E 'roster|units'; then fail "systemd does not like the units"; fi
	for unit in "$work"/units/*.service; do
		exposure=$(systemd-analyze security --offline=true --threshold=20 "$unit" | tail -n 1) || fail "$exposure"
		say "${exposure#*→ }"
	done
}

check_deb() { scripts/test-deb.sh "$(static_binary)"; }

check_kubernetes() {
	local folder
	for folder in deploy/kubernetes/base deploy/kubernetes/overlays/production; do
		"$(tool kustomize sigs.k8s.io/kustomize/kustomize/v5)" build "$folder" >"$work/manifests"
		"$(tool manifests ./manifests)" <"$work/manifests"
	done
	sed 's/replicas: 2/replicaz: 2/' "$work/manifests" | "$(tool manifests ./manifests)" 2>/dev/null && fail "a field that does not exist was not found"
	check_rollout
	sed 's/name: metrics$/name: figures/' "$work/manifests" | "$(tool manifests ./manifests)" 2>/dev/null && fail "a port that no policy admits was not found"
	return 0
}

# check_rollout runs the script of upgrades with a stand-in for kubectl: the migration
# ends before pods are replaced, and when it fails none is.
check_rollout() {
	local verbs
	cat >"$work/kubectl" <<-'EOS'
		#!/bin/sh
		echo "$*" >>"$0.calls"
		case $* in *"get job"*) cat "$0.state" ;; esac
	EOS
	chmod +x "$work/kubectl"
	echo Complete >"$work/kubectl.state"
	KUBECTL=$work/kubectl deploy/kubernetes/deploy.sh deploy/kubernetes/overlays/production
	verbs=$(sed 's/--namespace roster //' "$work/kubectl.calls" | cut -d' ' -f1 | xargs)
	[ "$verbs" = "delete apply get apply rollout rollout rollout" ] || fail "deploy.sh ran: $(cat "$work/kubectl.calls")"
	rm "$work/kubectl.calls"
	echo Failed >"$work/kubectl.state"
	KUBECTL=$work/kubectl deploy/kubernetes/deploy.sh deploy/kubernetes/overlays/production 2>/dev/null && fail "deploy.sh went on after a failed migration"
	grep -c ' apply ' "$work/kubectl.calls" | grep -qx 1 || fail "deploy.sh ran: $(cat "$work/kubectl.calls")"
}

check_terraform() {
	"$(tool hclfmt github.com/hashicorp/hcl/v2/cmd/hclfmt)" -check -require-no-change deploy/terraform/*.tf >/dev/null
	if ! command -v terraform >/dev/null; then
		say "terraform: the program is not here, so only the format is checked"
		return
	fi
	mkdir -p "$work/deploy/terraform"
	cp -r deploy/kubernetes "$work/deploy/"
	cp deploy/terraform/{variables,objects}.tf "$work/deploy/terraform/" # main.tf needs the provider, which is fetched
	(
		cd "$work/deploy/terraform"
		export CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/dev/null TF_IN_AUTOMATION=1
		terraform init -backend=false -input=false >/dev/null
		terraform validate
		terraform apply -auto-approve -input=false -var image=registry.example.com/roster:v1 -var host=users.example.com \
			-var 'secrets={SECRET_KEY="0123456789abcdef0123456789abcdef"}' >/dev/null
		terraform output -json objects
	) >"$work/objects"
	grep '^{' "$work/objects" | "$(tool manifests ./manifests)" -json-map
}

check_actions() {
	scripts/need.sh shellcheck
	"$(tool actionlint github.com/rhysd/actionlint/cmd/actionlint)" .github/workflows/*.yml
	if grep -nE 'uses: ' .github/workflows/*.yml | grep -vE '@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$'; then
		fail "these actions are not pinned by a commit with its version beside it"
	fi
}

check_reference() {
	local shell
	scripts/need.sh mandoc groff zsh fish
	"$(static_binary)" man >"$work/roster.1"
	mandoc -Tlint -W warning "$work/roster.1"
	groff -man -ww -z "$work/roster.1" 2>&1 | grep . && fail "groff does not like the manual page"
	for shell in bash zsh fish; do
		"$(static_binary)" completion "$shell" >"$work/roster.$shell"
		"$shell" -n "$work/roster.$shell"
	done
	# shellcheck disable=SC2016
	fish -c 'source $argv[1]; complete -C "roster ser"' "$work/roster.fish" | grep -q '^serve' || fail "fish completes nothing"
}

check_release() {
	local platform
	platform=$(go env GOOS)/$(go env GOARCH)
	mkdir -p "$work/elsewhere/deeper"
	git ls-files -co --exclude-standard -z | tar --null -T - -cf - | tar -xf - -C "$work/elsewhere/deeper"
	export SOURCE_DATE_EPOCH=1700000000
	scripts/release.sh v0.0.1 "$work/here" "$platform" >/dev/null
	(cd "$work/elsewhere/deeper" && git init -q && scripts/release.sh v0.0.1 "$work/there" "$platform") >/dev/null
	unset SOURCE_DATE_EPOCH
	diff "$work/here/SHA256SUMS" "$work/there/SHA256SUMS" || fail "two checkouts make two releases"
	say "release: the same bytes from two checkouts"
}

check_monitoring() {
	if [ -x scripts/check-monitoring.sh ]; then scripts/check-monitoring.sh; fi
}

all=(docker compose proxies systemd deb kubernetes terraform actions reference release monitoring)
[ $# -gt 0 ] || set -- "${all[@]}"
for piece in "$@"; do
	declare -F "check_$piece" >/dev/null || fail "there is no piece '$piece'; there are: ${all[*]}"
	started=$SECONDS
	"check_$piece"
	say "$piece is well ($((SECONDS - started)) s)"
done
