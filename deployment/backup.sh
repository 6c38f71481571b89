#!/bin/sh
# backup.sh DIRECTORY: make a backup of a service in a new folder of DIRECTORY and print its path.
#
#   STORAGE_PATH   folder of quintetd: vectors, jobs, audit. Its processes must be stopped, or the script refuses:
#                  files that are written meanwhile are no backup.
#   REDIS_URL      jobs and caches of Redis, while it runs; REDIS_CACERT names the authority of its certificate
#   DATABASE_URL   vectors of PostgreSQL, while it runs
#   KEEP           how many backups DIRECTORY keeps. Default: 7
#
# What is not set is not saved. A backup that was cut short has no SHA256SUMS and ends in .partial.
#
# Tested by internal/deploytest with Debian's Redis 7.0 and PostgreSQL 15.
set -eu
umask 077
[ $# -eq 1 ] || { sed -n '2,3p' "$0" >&2; exit 2; }
to=$1/quintet-$(date -u +%Y%m%dT%H%M%SZ)
work=$to.partial
mkdir -p "$1"
mkdir "$work"
trap 'rm -rf "$work"' EXIT

if [ -n "${STORAGE_PATH:-}" ]; then
	for lock in "$STORAGE_PATH"/*/lock; do
		[ ! -e "$lock" ] || flock -n "$lock" true || { echo "backup: $lock is held: stop quintetd first" >&2; exit 1; }
	done
	tar -C "$STORAGE_PATH" -czf "$work/storage.tar.gz" .
fi
if [ -n "${REDIS_URL:-}" ]; then
	redis-cli ${REDIS_CACERT:+--cacert "$REDIS_CACERT"} --no-auth-warning -u "$REDIS_URL" --rdb "$work/redis.rdb" >/dev/null
fi
if [ -n "${DATABASE_URL:-}" ]; then
	pg_dump --format=custom --file="$work/database.dump" --dbname="$DATABASE_URL"
fi

cd "$work"
set -- *
[ -e "$1" ] || { echo 'backup: nothing to save: set STORAGE_PATH, REDIS_URL or DATABASE_URL' >&2; exit 2; }
sha256sum "$@" >SHA256SUMS
sync
mv "$work" "$to"

# Names sort by time. Half backups go too.
find "$(dirname "$to")" -maxdepth 1 -type d -name 'quintet-????????T??????Z' | sort | head -n "-${KEEP:-7}" |
	while read -r old; do rm -rf "$old"; done
echo "$to"
