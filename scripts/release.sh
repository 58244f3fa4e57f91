#!/usr/bin/env bash
# Usage: scripts/release.sh VERSION OUTPUT-DIR [OS/ARCH...]
# Builds the archives of a release, their SBOM and SHA256SUMS: for Linux, macOS and
# Windows, unless platforms are named. The driver of SQLite that is written in
# Go needs no C compiler, so the same checkout and the same Go make the same
# bytes on every machine.
set -euo pipefail

if [ $# -lt 2 ]; then
	sed -n 's/^# \(Usage: .*\)/\1/p' "$0" >&2
	exit 2
fi
version=$1 output=$(realpath -m "$2")
shift 2
[ $# -gt 0 ] || set -- linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64
cd "$(dirname "$0")/.."
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export CGO_ENABLED=0 GOAMD64=v1 GOARM64=v8.0 GOFLAGS=-buildvcs=false LC_ALL=C TZ=UTC

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$output"
build() { # OS ARCH FILE
	GOOS=$1 GOARCH=$2 go build -trimpath -ldflags "-s -w -buildid= -X roster/internal/cli.version=$version" -o "$3" .
}

# What is the same for all platforms is made by a binary of this machine's own.
build "$(go env GOHOSTOS)" "$(go env GOHOSTARCH)" "$work/roster"
mkdir -p "$work/extras/completion"
"$work/roster" man >"$work/extras/roster.1"
for shell in bash zsh fish; do "$work/roster" completion "$shell" >"$work/extras/completion/roster.$shell"; done
cp LICENSE README.md CHANGELOG.md .env.example "$work/extras/"

archives=()
for platform in "$@"; do
	os=${platform%/*} arch=${platform#*/}
	name=roster-$version-$os-$arch
	binary=roster
	[ "$os" != windows ] || binary=roster.exe
	cp -r "$work/extras" "$work/$name"
	build "$os" "$arch" "$work/$name/$binary"
	chmod -R u=rwX,go=rX "$work/$name"
	tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=ustar \
		-C "$work" -cf - "$name" | gzip -9n >"$output/$name.tar.gz"
	archives+=("$name.tar.gz")
	echo "$name.tar.gz"
done

GOFLAGS='' CGO_ENABLED='' go build -modfile=tools/deploy/go.mod -buildvcs=false -o "$work/cyclonedx" github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
# The SBOM takes the program's version from git, so it is made where git says this one.
mkdir "$work/tree"
git ls-files -co --exclude-standard -z | tar --null -T - -cf - | tar -xf - -C "$work/tree"
(
	cd "$work/tree"
	export GIT_AUTHOR_DATE="@$SOURCE_DATE_EPOCH +0000" GIT_COMMITTER_DATE="@$SOURCE_DATE_EPOCH +0000"
	git init -q
	git add -A
	git -c user.name=release -c user.email=release@localhost commit -qm "$version"
	git tag "$version"
	"$work/cyclonedx" mod -json -std -noserial -notimestamp -output "$output/roster-$version.cdx.json" . 2>/dev/null
)
(cd "$output" && sha256sum "${archives[@]}" "roster-$version.cdx.json" >SHA256SUMS)
echo "roster-$version.cdx.json SHA256SUMS"
