#!/bin/sh
# restore.sh BACKUP: bring back what backup.sh saved. Nothing is overwritten.
#
#   STORAGE_PATH   folder for the files of quintetd, which must not be there or be empty
#   REDIS_DIR      folder for the files of Redis, the same; start Redis on it, with appendonly yes
#   DATABASE_URL   an empty database of PostgreSQL
#
# What is not set is not restored. Damage is found before anything is written.
#
# Tested by internal/deploytest with Debian's Redis 7.0 and PostgreSQL 15.
set -eu
umask 077
if [ $# -ne 1 ] || [ ! -d "$1" ]; then
	sed -n '2p' "$0" >&2
	exit 2
fi
from=$(cd "$1" && pwd)
(cd "$from" && sha256sum --check --strict --quiet SHA256SUMS) || { echo "restore: $from is damaged or not complete" >&2; exit 1; }

# empty DIRECTORY: make it, or fail if something is in it.
empty() {
	mkdir -p "$1"
	[ -z "$(ls -A "$1")" ] || { echo "restore: $1 is not empty" >&2; exit 1; }
}

[ -z "${STORAGE_PATH:-}" ] || empty "$STORAGE_PATH"
[ -z "${REDIS_DIR:-}" ] || empty "$REDIS_DIR"

if [ -n "${STORAGE_PATH:-}" ]; then
	tar -C "$STORAGE_PATH" -xzpf "$from/storage.tar.gz"
fi
if [ -n "${DATABASE_URL:-}" ]; then
	pg_restore --exit-on-error --single-transaction --no-owner --dbname="$DATABASE_URL" "$from/database.dump"
fi
if [ -n "${REDIS_DIR:-}" ]; then
	# With appendonly yes Redis does not look at dump.rdb: a server that nobody else can reach turns it into files
	# of that kind.
	cp "$from/redis.rdb" "$REDIS_DIR/dump.rdb"
	socket=$(mktemp -u "${TMPDIR:-/tmp}/restore-XXXXXX.sock")
	redis-server --port 0 --unixsocket "$socket" --dir "$REDIS_DIR" --dbfilename dump.rdb --save '' --appendonly no >/dev/null &
	ask() { redis-cli -s "$socket" "$@"; }
	tries=0
	until [ "$(ask ping 2>/dev/null)" = PONG ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 600 ] || { echo 'restore: redis-server does not answer' >&2; exit 1; }
		sleep 0.1
	done
	ask config set appendonly yes >/dev/null
	while ask info persistence | grep -q 'aof_rewrite_in_progress:1\|aof_rewrite_scheduled:1'; do sleep 0.1; done
	ask info persistence | grep -q 'aof_last_bgrewrite_status:ok' || { echo 'restore: Redis could not write its files' >&2; exit 1; }
	ask shutdown nosave >/dev/null 2>&1 || true
	wait
	rm -f "$REDIS_DIR/dump.rdb"
fi
echo "restored $from"
