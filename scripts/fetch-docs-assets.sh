#!/usr/bin/env bash
# Fetches Swagger UI and ReDoc and stores what the documentation pages need of
# them, compressed, below internal/api/static; and axe-core, for the
# accessibility checks of the browser tests, below e2e/testdata. The result is
# committed: building, running, and testing Roster needs no network. To update, change a
# version and its integrity below, which
# `npm view PACKAGE@VERSION dist.integrity` prints.
set -euo pipefail

readonly swagger_version=5.35.0
readonly swagger_integrity='sha512-U06rpMtW9V3XPGOBeamTUSr0Z09jMX4IJuANpE/EZbAhw0G8CgwrzU4YmXkn/h0wCDNsXdGarTNNHC3sU8yVUQ=='
# ReDoc 3.x reports usage to its vendor and is twice the size.
readonly redoc_version=2.5.4
readonly redoc_integrity='sha512-M6jWhG1qoBnH6TFmzJnstyCZ87HmOY/UzDm78mHiYihEdlV/YcS9ogOo1NlElnJMeLsyxHFe2yFc4sNjHTrABQ=='
readonly axe_version=4.14.1
readonly axe_integrity='sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=='
# ReDoc's bundle loads its vendor's logo from another origin. The pages load
# nothing external, so an empty image replaces it.
readonly redoc_logo='https://cdn.redoc.ly/redoc/logo-mini.svg'
readonly empty_picture="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root static="$root/internal/api/static" testdata="$root/e2e/testdata"
scratch=$(mktemp -d)
readonly scratch
trap 'rm -rf "$scratch"' EXIT

fail() {
	echo "fetch-docs-assets: $1" >&2
	exit 1
}

# unpack NAME VERSION INTEGRITY: the package of that version in $scratch/NAME,
# after its archive was found to have that integrity.
unpack() {
	local archive got
	archive=$(cd "$scratch" && npm pack --silent "$1@$2")
	got="sha512-$(openssl dgst -sha512 -binary "$scratch/$archive" | base64 -w0)"
	[ "$got" = "$3" ] || fail "$1@$2 has the integrity $got, want $3"
	mkdir "$scratch/$1"
	tar -xzf "$scratch/$archive" -C "$scratch/$1" --strip-components=1
}

# store SOURCE TARGET: the file, compressed the same way every time, as TARGET.gz.
store() {
	mkdir -p "$(dirname "$2")"
	gzip -9nc "$1" >"$2.gz"
}

# replace FILE OLD NEW: the one occurrence of OLD in the file by NEW.
replace() {
	local found
	found=$(grep -oF -- "$2" "$1" | wc -l)
	[ "$found" -eq 1 ] || fail "$1 holds $2 $found times, want once"
	OLD=$2 NEW=$3 perl -pi -e 's/\Q$ENV{OLD}\E/$ENV{NEW}/' "$1"
}

for tool in npm openssl perl gzip tar; do
	command -v "$tool" >/dev/null || fail "$tool is needed and not installed"
done

unpack swagger-ui-dist "$swagger_version" "$swagger_integrity"
unpack redoc "$redoc_version" "$redoc_integrity"
unpack axe-core "$axe_version" "$axe_integrity"
replace "$scratch/redoc/bundles/redoc.standalone.js" "$redoc_logo" "$empty_picture"

for file in swagger-ui.css swagger-ui-bundle.js swagger-ui-bundle.js.LICENSE.txt LICENSE NOTICE; do
	store "$scratch/swagger-ui-dist/$file" "$static/swagger-ui/$file"
done
for file in bundles/redoc.standalone.js bundles/redoc.standalone.js.LICENSE.txt LICENSE; do
	store "$scratch/redoc/$file" "$static/redoc/$(basename "$file")"
done
for file in axe.min.js LICENSE LICENSE-3RD-PARTY.txt; do
	store "$scratch/axe-core/$file" "$testdata/axe/$file"
done
