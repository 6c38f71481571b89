#!/bin/sh
# prepare.sh [DIRECTORY [NAME...]]: make random keys in DIRECTORY/secrets and certificates in DIRECTORY/tls, by
# default beside this script. What is there already stays. NAMEs are further host names or addresses of the
# certificates. Certificates are of an authority of our own, for two years: give nginx a public one.
#
# Tested by internal/deploytest, with openssl 3.0.
set -eu
umask 077
dir=${1:-$(dirname "$0")}
[ $# -eq 0 ] || shift
mkdir -p "$dir/secrets" "$dir/tls"

for name in secret_key redis_password db_password grafana_password; do
	[ -s "$dir/secrets/$name" ] || openssl rand -hex 32 | tr -d '\n' >"$dir/secrets/$name"
done
for name in slack_url pagerduty_key; do # to be filled in
	[ -e "$dir/secrets/$name" ] || : >"$dir/secrets/$name"
done

tls=$dir/tls
if [ ! -s "$tls/ca.crt" ]; then
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 730 -subj '/CN=quintet' \
		-keyout "$tls/ca.key" -out "$tls/ca.crt" 2>/dev/null
fi
for name in nginx redis postgres; do
	[ ! -s "$tls/$name.crt" ] || continue
	names=DNS:$name,DNS:localhost,IP:127.0.0.1
	for more in "$@"; do
		case $more in
		*[!0-9.]*) names=$names,DNS:$more ;;
		*) names=$names,IP:$more ;;
		esac
	done
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
		-keyout "$tls/$name.key" -out "$tls/$name.csr" 2>/dev/null
	printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$names" >"$tls/$name.ext"
	openssl x509 -req -in "$tls/$name.csr" -CA "$tls/ca.crt" -CAkey "$tls/ca.key" -CAcreateserial \
		-days 730 -extfile "$tls/$name.ext" -out "$tls/$name.crt" 2>/dev/null
	rm "$tls/$name.csr" "$tls/$name.ext"
done
# Containers run as users of their own, who must read what is mounted into them.
chmod 755 "$dir/secrets" "$tls"
chmod 644 "$tls"/*.crt "$tls/redis.key" "$dir"/secrets/*
