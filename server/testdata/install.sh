#!/bin/sh
# Installs the client that the tests of package server let ask it into a folder, by default the user's cache:
#
#   sh server/testdata/install.sh [FOLDER]
#
# It needs npm and fetches some 35 MB once. What is there is left alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}
[ -n "${XDG_CACHE_HOME:-}" ] || [ "$(uname)" != Darwin ] || cache=$HOME/Library/Caches
folder=${1:-$cache/quintet-test/clients}

if [ -d "$folder/node_modules/openai" ] && cmp -s "$here/package.json" "$folder/package.json"; then
	exit
fi
mkdir -p "$folder"
cp "$here/package.json" "$folder/package.json"
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts
